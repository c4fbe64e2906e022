// Markup that breaks out of an attribute, or runs script where none is expected. Pages of a tutorial pass.

rule xss_breakout : xss {
    strings:
        $attribute = /['"][ \t]{0,3}\/?>[ \t]{0,5}<[ \t]{0,3}(script|img|svg|iframe|body|video|details|object|embed)\b[^\n]{0,40}(>|on\w{3,20}[ \t]{0,3}=)[^\n]{0,40}(alert|prompt|confirm|eval|document\.|fetch|src=)/ nocase
        $closed = /<\/(title|textarea|style|noscript|template|xmp|option|select|script)>[ \t]{0,5}<(script|img|svg|iframe)\b[^\n]{0,60}(alert|prompt\(|confirm\(|eval|onerror|onload|document\.)/ nocase
        $event = /['"][ \t]{1,5}on(focus|mouseover|load|error|click|pointer\w{2,8}|animation\w{3,6})[ \t]{0,3}=[ \t]{0,3}(alert|prompt|confirm|eval|fetch)[\(`]/ nocase
        $expression = /['"][ \t]{0,2}[-+;*\/][ \t]{0,2}(alert|prompt|confirm)\([^\)\n]{0,30}\)[ \t]{0,2}[-+;*\/]{1,2}[ \t]{0,2}['"\/]/
    condition:
        any of them
}

rule xss_handler : xss {
    strings:
        $broken_image = /<[ \t]{0,3}(img|image|video|audio|source|input)\b[^>\n]{0,60}\bsrc[ \t]{0,3}=[ \t]{0,3}['"]?(x|a|1|#|none|invalid)?['"]?[ \t\/][^>\n]{0,40}on(error|load\w{0,5})[ \t]{0,3}=/ nocase
        $vector = /<[ \t]{0,3}(svg|math|body|details|marquee|iframe|object|video|audio|style|select|keygen|xss)\b[^>\n]{0,80}[ \t\/'"]on\w{3,25}[ \t]{0,3}=[ \t]{0,3}['"]?[^>\n]{0,60}(alert|prompt|confirm|eval|fetch|import|document\.|location|atob|window\[|top\[)/ nocase
        $bare = /<\w{1,20}[^>\n]{0,80}[ \t\/]on\w{3,20}=(alert|prompt|confirm|eval)[\(`]/ nocase
        $any = /[ \t\/'"]on(error|load|focus|toggle|begin|animationstart|pageshow)[ \t]{0,3}=[ \t]{0,3}['"]?[^>\n'"]{0,30}(alert|prompt|confirm|eval)[\(`]/ nocase
    condition:
        any of them
}

rule xss_address : xss {
    strings:
        $script = /(j[\t\r\n]{0,2}a[\t\r\n]{0,2}v[\t\r\n]{0,2}a[\t\r\n]{0,2}s[\t\r\n]{0,2}c[\t\r\n]{0,2}r[\t\r\n]{0,2}i[\t\r\n]{0,2}p[\t\r\n]{0,2}t|vbscript)[\t\r\n]{0,2}:(\/\*[^\n]{0,40}\*\/)?[^\s"'<>]{0,40}(alert|prompt|confirm|eval|fetch|document\.|location|atob|window\.|import)[\w.]{0,30}[\(`=\[]/ nocase
        $script_blank = /\b(java|vb)script:[ \t]{1,3}(alert|prompt|confirm|eval|fetch|atob)[\(`][^\)]/ nocase
        $data = /data:text\/(html|xml|javascript)[^\s"'<>]{0,40},[^\s"'<>]{0,80}(<script|%3cscript|PHNjcmlwd|PHN2Zy|PGltZy)/ nocase
    condition:
        any of them
}

rule xss_theft : xss {
    strings:
        $sent = /(fetch|open|sendBeacon|\.src|location(\.href)?)[ \t]{0,3}[\(=][^\n]{1,120}(\+|\$\{|concat\()[ \t]{0,5}(btoa\(|escape\(|encodeURI(Component)?\()?[ \t]{0,3}(document\.cookie|localStorage)/ nocase
        $in_script = /<script[^>]{0,60}>[^<]{0,200}(document\.cookie|String\.fromCharCode\([\d, ]{12}|eval\(atob)/ nocase
        $remote = /<script[^>]{0,40}\bsrc[ \t]{0,3}=[ \t]{0,3}['"]?(\/\/|https?:\/\/)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|[\w.-]{1,60}\/(xss|hook|x|evil|payload)\w{0,5}\.js)/ nocase
    condition:
        any of them
}
