// Ways up and out of a folder to a system's own files. Relative imports and links pass.

rule path_traversal : path {
    strings:
        $plain = /(\.\.[\/\\]{1,2}){3}(etc|proc|var\/log|var\/www|root|home|windows|winnt|boot\.ini|usr\/local\/etc|\.ssh|\.aws|\.env)\b/ nocase
        $known = /(\.\.[\/\\]{1,2}){2}(etc[\/\\]{1,2}(passwd|shadow|hosts|group|sudoers|ssh|issue)|proc[\/\\]self|windows[\/\\]{1,2}(win\.ini|system32)|boot\.ini|\.ssh[\/\\]|\.aws[\/\\]cred)/ nocase
        $semicolons = /(\.\.;[\/\\]){2}/
        $overlong = /(%c0%ae|%e0%80%ae){2}/ nocase
        $expect = /\bexpect:\/\/\w/
        $encoded = /((\.\.|%2e%2e|\.%2e|%2e\.)(%2f|%5c|%252f|%255c|%c0%af|%c1%9c|\/|\\)){3}(etc|proc|var|root|home|windows|winnt|boot\.ini)/ nocase
        $encoded_dots = /((%2e%2e|%252e%252e)(%2f|%5c|%252f|%255c|\/|\\)){2}/ nocase
        $encoded_slash = /(\.\.(%2f|%5c|%252f|%255c)){2}/ nocase
        $doubled = /(\.{4}[\/\\]{2}){2}/
        $null = /(\.\.[\/\\]){2}[\w.\/\\-]{1,80}%00/
    condition:
        any of them
}

rule path_system_file : path {
    strings:
        $file = /\bfile:\/{2,3}(etc\/(passwd|shadow)|c:\/windows\/(system32|win\.ini)|proc\/self)/ nocase
        $filter = /php:\/\/filter\/(read=)?convert\.base64-encode\/resource=/ nocase
        $entity = /<!ENTITY[ \t]{1,5}%?[ \t]{0,5}\w{1,30}[ \t]{1,5}(SYSTEM|PUBLIC)[ \t]{1,5}['"](file|https?|php|expect|ftp):/ nocase
    condition:
        any of them
}
