// Expressions that a template engine would run: arithmetic probes, ways from an object to its class, calls of the system.

rule template_probe : template {
    strings:
        $double = /\{\{-?[ \t]{0,5}['"]?\d{1,5}['"]?[ \t]{0,3}\*[ \t]{0,3}['"]?\d{1,5}['"]?[ \t]{0,5}-?\}\}/
        $dollar = /[$#*@]\{[ \t]{0,5}\d{1,5}[ \t]{0,3}\*[ \t]{0,3}\d{1,5}[ \t]{0,5}\}/
        $erb = /<%=[ \t]{0,5}\d{1,5}[ \t]{0,3}\*[ \t]{0,3}\d{1,5}[ \t]{0,5}%>/
    condition:
        any of them
}

rule template_escape : template {
    strings:
        $dunder = /\{[\{%][^\}\n]{0,120}(__(class|mro|base|bases|subclasses|globals|builtins|init|import|getattribute)__|\[['"]_{2}|\|[ \t]{0,3}attr\()/
        $objects = /\{\{[ \t]{0,5}(self|request|cycler|joiner|namespace|lipsum|url_for|get_flashed_messages)\b[^\}\n]{0,60}(\.__|\._TemplateReference|\.application|\[)/
        $config = /\{\{[ \t]{0,5}(config(\.items\(\)|\.from_object|\[['"]SECRET)|settings\.SECRET_KEY)/
        $popen = /\{[\{%][^\}\n]{0,160}\b(popen|os\.system|subprocess)\b/
        $java = /[$#*]\{[^\}\n]{0,120}(java\.lang\.(Runtime|ProcessBuilder|Class|System)|getRuntime\(\)|\.getClass\(\)\.forName|freemarker\.template\.utility)/
        $freemarker = /<#assign[^>\n]{1,80}freemarker\.template\.utility\.Execute/
        $erb = /<%=?[ \t]{0,5}(system|exec|`|IO\.popen|File\.(read|open))[^%\n]{0,120}%>/
        $velocity = /#set[ \t]{0,3}\([^\n]{0,60}(class\.forName|\.getClass\(\)|class\.inspect|java\.lang\.)/
        $angular = /\{\{[^\}\n]{0,60}constructor\.constructor\(/
        $php = /\$\{@(print|system|phpinfo|eval|exec|md5)\b/
        $twig = /\{\{[^\}\n]{0,80}(_self\.env|registerUndefinedFilterCallback|\|[ \t]{0,3}(filter|map|sort)\([ \t]{0,3}['"](system|exec|passthru))/
        $smarty = /\{(php\}|system\(|Smarty_Internal)/
        $jndi = /\$\{[^\n ]{0,60}j[^\n ]{0,20}n[^\n ]{0,20}d[^\n ]{0,20}i[^\n ]{0,20}:[^\n ]{0,10}(ldaps?|rmi|dns|iiop|corba|nis):\/\// nocase
    condition:
        any of them
}
