// Commands hung onto another command, shells that call home, and what destroys a machine. Ordinary commands pass.

rule shell_reverse : shell {
    strings:
        $device = /\/dev\/(tcp|udp)\/[\w.$\{\}-]{1,60}\/\d{1,5}/
        $netcat = /\b(nc|ncat|netcat)(\.exe)?[ \t]{1,5}[^\n;|]{0,60}-(e|c)[ \t]{1,5}['"]?(\/bin\/|cmd|powershell|sh\b|bash\b)/ nocase
        $fifo = /\bmkfifo[ \t]{1,5}\S{1,60}[ \t]{0,3};[^\n]{1,120}\|[ \t]{0,3}(nc|ncat|netcat|telnet)\b/
        $python = /python[23]?[ \t]{1,5}-c[ \t]{1,5}['"]import[ \t]{1,3}[^\n]{0,60}socket[^\n]{1,300}(subprocess|pty\.spawn|os\.dup2)/
        $required = /\b(perl|ruby)[^\n]{0,20}[ \t]-(rsocket|MIO::Socket|MSocket)\b/
        $socat = /\bsocat\b[^\n]{1,120}exec:['"]?(\/bin\/)?(ba)?sh/ nocase
        $perl = /\b(perl|ruby|php)[ \t]{1,5}-[a-z]{0,3}[er][ \t]{1,5}['"][^\n]{0,80}(socket|fsockopen|TCPSocket)[^\n]{0,300}(exec|\/bin\/sh)/ nocase
    condition:
        any of them
}

rule shell_hidden_command : shell {
    strings:
        $decoded = /base64[ \t]{1,5}(-d|--decode|-D)[^\n|]{0,60}\|[ \t]{0,5}(sudo[ \t]{1,5})?(ba|z|da)?sh\b/
        $evaluated = /\b(eval|exec)[ \t]{0,3}[\("'`]{0,3}\$\([^\n\)]{0,120}(base64|xxd[ \t]{1,3}-r|openssl[ \t]{1,3}enc)/
        $powershell = /powershell(\.exe)?[ \t]{1,5}[^\n]{0,80}-e(nc|ncodedcommand)?[ \t]{1,5}[A-Za-z0-9+\/=]{40}/ nocase
        $cradle = /(iex|invoke-expression)[ \t]{0,3}\(?[ \t]{0,3}\(?new-object[ \t]{1,3}(system\.)?net\.webclient\)?\.downloadstring/ nocase
        $dropped = /\b(curl|wget)\b[^\n;|&]{1,160}(;|&&)[ \t]{0,3}chmod[ \t]{1,3}(\+x|a\+x|[0-7]{3,4})[ \t]{1,3}(\/tmp\/|\/var\/tmp\/|\/dev\/shm\/)/
        $shellshock = /\(\)[ \t]{0,3}\{[ \t]{0,3}:;[ \t]{0,3}\};/
        $fetched = /\b(curl|wget)\b[^\n|;]{0,80}(http:\/\/|https?:\/\/\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})[^\n|;]{0,120}\|[ \t]{0,5}(sudo[ \t]{1,5})?(ba|z|da)?sh\b/
    condition:
        any of them
}

rule shell_appended : shell {
    strings:
        $removes = /([;&|`]|\$\()[ \t]{0,5}(sudo[ \t]{1,5})?rm[ \t]{1,5}-(rf|fr|r[ \t]{1,3}-f|f[ \t]{1,3}-r)[ \t]{1,5}(--no-preserve-root[ \t]{1,5})?(\/|~\/?|\*|\$HOME)([ \t\n;&|"'`\*#)]|$)/
        $removes_all = /\brm[ \t]{1,5}-(rf|fr)[ \t]{1,5}--no-preserve-root[ \t]{1,5}\//
        $reads = /(['"\w][;|]|&&|\|\||\$\(|`)[ \t]{0,5}(cat|less|more|head|tail|type)[ \t]{1,5}(\/etc\/(passwd|shadow)|~?\/?\.ssh\/id_\w{1,20}([^\w.]|$)|\.\.\/)/
        $sends = /(\$\(|`|;|\||&&)[ \t]{0,5}(cat|env|printenv|tar)\b[^\n]{0,80}\|[^\n]{0,80}\b(curl|wget|nc|ncat)\b[^\n]{1,120}(http|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|@-)/
        $environment = /\b(env|printenv)[ \t]{0,3}\|[^\n]{0,80}\b(curl|wget|nc|ncat)[ \t][^\n]{1,120}(http|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|@-)/
        $substituted = /\b(curl|wget|ping|nslookup|dig)\b[^\n]{1,120}(\$\(|`)[ \t]{0,3}(cat|whoami|id|hostname|env|printenv|base64)\b/
        $bomb = ":(){ :|:& };:"
        $bomb_tight = ":(){:|:&};:"
        $disk = /\bdd[ \t]{1,5}if=\/dev\/(zero|u?random)[ \t]{1,5}of=\/dev\/(sd|nvme|hd|vd)/
        $format = /[;&|][ \t]{0,5}(sudo[ \t]{1,5})?mkfs(\.\w{2,6})?[ \t]{1,5}\/dev\//
    condition:
        any of them
}

rule shell_from_code : shell {
    strings:
        $python = /(__import__\(['"](os|subprocess)['"]\)|importlib\.import_module\(['"](os|subprocess)['"]\))\.(system|popen|call|run|check_output|Popen|exec\w{1,3})\(/
        $evaluated = /\b(eval|exec)\([ \t]{0,3}(compile\([ \t]{0,3})?(base64\.b64decode|codecs\.decode|bytes\.fromhex|zlib\.decompress|atob)\(/
        $node = /require\([ \t]{0,3}['"](node:)?child_process['"][ \t]{0,3}\)\.exec(Sync)?\([ \t]{0,3}['"`][^\n]{0,80}(curl|wget|rm -rf|\/bin\/sh|nc )/
        $called = /(system|popen|Popen|run|call|exec|execSync|spawn|passthru|shell_exec)\([ \t]{0,3}[f\[]{0,2}['"`][^\n'"`]{0,80}(rm[ \t]{1,3}-(rf|fr)[ \t]{1,3}(\/|~)["'` \*]|\b(nc|ncat)[ \t][^\n'"`]{0,40}-e[ \t]|(curl|wget)[^\n'"`|]{1,80}\|[ \t]{0,3}(ba)?sh\b)/
        $deserialised = /c(os|posix|nt)\nsystem\n\(S['"]/
    condition:
        any of them
}
