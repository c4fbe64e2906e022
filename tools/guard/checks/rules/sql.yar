// Input that breaks out of a quoted SQL value, or asks a database for what no report needs. Ordinary queries pass.

rule sql_tautology : sql {
    strings:
        $quoted = /['"][ \t]{0,5}\)?[ \t]{0,5}(or|and|\|\||&&)[ \t]{1,5}(\d{1,9}|'\w{1,10}'|"\w{1,10}")[ \t]{0,5}(=|like)[ \t]{0,5}['"]?\w{1,10}['"]?[ \t]{0,5}(--|#|\/\*)/ nocase
        $open = /['"][ \t]{0,5}or[ \t]{1,5}'(\w{0,10})'[ \t]{0,5}=[ \t]{0,5}'\w{0,10}/ nocase
        $open_double = /"[ \t]{0,5}or[ \t]{1,5}"\w{0,10}"[ \t]{0,5}=[ \t]{0,5}"\w{0,10}/ nocase
        $bracket = /['"][ \t]{0,5}\)?[ \t]{0,5}or[ \t]{1,5}\(?['"][\w%]{0,10}['"][ \t]{0,3}=[ \t]{0,3}['"]/ nocase
        $number = /\b\d{1,9}[ \t]{1,3}or[ \t]{1,3}\d{1,9}[ \t]{0,3}=[ \t]{0,3}\d/ nocase
        $ordered = /\d['"][ \t]{1,5}(order|group)[ \t]{1,5}by[ \t]{1,5}\d{1,3}[ \t]{0,3}(--|#)/ nocase
        $one = /['"][ \t]{0,5}or[ \t]{1,5}(1[ \t]{0,5}=[ \t]{0,5}1\b|true[ \t]{0,5}(--|#|;|\/\*))/ nocase
    condition:
        any of them
}

rule sql_second_statement : sql {
    strings:
        $a = /['"][ \t]{0,5}\)?[ \t]{0,5};[ \t]{0,5}(drop|delete|update|insert|alter|create|truncate|exec|execute|grant|shutdown|declare)[ \t]{1,5}[\w.\[\]"`@ ]{1,80}[^\n]{0,80}(--|#|\/\*)/ nocase
        $comment_after_quote = /\w'[ \t]{0,3};?[ \t]{0,3}--[ \t]{0,3}('|"|$)/ nocase
        $drop = /[\d'"\)][ \t]{0,3};[ \t]{0,3}(drop[ \t]{1,3}(table|database|schema)|truncate[ \t]{1,3}table)[ \t]{1,3}\w/ nocase
        $command = /;[ \t]{0,5}exec(ute)?[ \t]{1,5}(master(\.dbo)?\.+)?xp_(cmdshell|dirtree|regread)/ nocase
    condition:
        any of them
}

rule sql_union : sql {
    strings:
        $quoted = /(['"]|\b-?\d{1,9})[ \t]{0,5}\)?[ \t]{0,5}(union|\/\*!?\d{0,6}union)[ \t\/*]{1,10}(all[ \t\/*]{1,10})?select[ \t\/*]{1,10}[^\n]{1,100}(--|#|\/\*)/ nocase
        $balanced = /union[ \t]{1,5}(all[ \t]{1,5})?select[ \t][^\n]{1,100}where[ \t]{1,5}['"]\w{1,9}['"][ \t]{0,3}=[ \t]{0,3}['"]/ nocase
        $nulls = /union[ \t]{1,5}(all[ \t]{1,5})?select[ \t]{1,5}(null|\d)([ \t]{0,3},[ \t]{0,3}(null|\d|@@version|user\(\)|database\(\)|version\(\))){2,20}/ nocase
        $schema = /union[ \t\/*+]{1,10}(all[ \t\/*+]{1,10})?select[^\n;]{1,100}from[ \t\/*+]{1,10}(information_schema|mysql\.user|sys\.|pg_shadow|sqlite_master)/ nocase
    condition:
        any of them
}

rule sql_blind : sql {
    strings:
        $wait = /['")][ \t]{0,5};?[ \t]{0,5}(and|or|waitfor|if|select)?[ \t]{0,5}(waitfor[ \t]{1,5}delay[ \t]{1,5}'|delay[ \t]{1,5}'0|(pg_)?sleep\(\d|benchmark\(\d{4,9},)/ nocase
        $error = /\b(extractvalue|updatexml)\(\d{1,3},[ \t]{0,3}concat\(0x/ nocase
        $file = /\b(load_file\(\s{0,3}['"]\/|into[ \t]{1,5}(out|dump)file[ \t]{1,5}['"]\/(var|tmp|etc|home|usr))/ nocase
    condition:
        any of them
}
