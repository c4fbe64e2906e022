"""Which addresses and URLs are refused before anything is opened; and what is unpacked and parsed within limits."""

import gzip
from ipaddress import ip_address

import pytest

from state.errors import KairosError
from tools.sources.address import is_allowed
from tools.sources.body import gunzip
from tools.sources.sitemap_xml import parse_sitemap
from tools.sources.url import clean


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),  # noqa: S104
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1"),
        *(
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
        ),
        *(
            "::",
            "::1",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::7f00:1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
        *("2001:db8::1", "100::1", "192.88.99.1", "5f00::1", "::ffff:0:127.0.0.1"),
    ],
)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not is_allowed(ip_address(address), "some.host", [])


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "2606:2800:220:1::1",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
    ],
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(ip_address(address), "some.host", [])


def test_networks_and_hosts_can_be_allowed() -> None:
    private = ip_address("10.1.2.3")
    assert is_allowed(private, "wiki", ["10.1.0.0/16"])
    assert is_allowed(ip_address("::ffff:10.1.2.3"), "wiki", ["10.1.0.0/16"])
    assert is_allowed(private, "Wiki.", ["wiki"])
    assert not is_allowed(private, "wiki", ["10.2.0.0/16", "other", "fd00::/8"])
    assert not is_allowed(private, "evil.wiki", ["wiki"])


def test_keys_of_clouds_need_their_network_named() -> None:
    metadata = ip_address("169.254.169.254")
    assert not is_allowed(metadata, "wiki", ["wiki"])
    assert not is_allowed(ip_address("64:ff9b::a9fe:a9fe"), "wiki", ["wiki"])
    assert is_allowed(metadata, "wiki", ["169.254.169.254"])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" HTTPS://Docs.Example/A/b?q=1#part ", "https://docs.example/A/b?q=1"),
        ("http://docs.example:80/", "http://docs.example/"),
        ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        ("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ("http://docs.example", "http://docs.example/"),
    ],
)
def test_urls_have_one_form(given: str, kept: str) -> None:
    assert clean(given) == kept


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "docs",
            "/etc/passwd",
            "file:///etc/passwd",
            "ftp://docs.example/a",
            "gopher://docs.example/",
            "http://",
        ),
        *(
            "javascript:alert(1)",
            "data:text/html,x",
            "http:///path",
            "http://a b/",
            "http://docs.example:99999/",
        ),
        *("https://ann:hunter2@docs.example/", "https://ann@docs.example/", "http://:hunter2@docs.example/"),
        *("ftp://ann:hunter2@docs.example/", "http://ann:hunter2@", "http://ann:hunter2@[/", "http://\x00/"),
    ],
)
def test_what_is_not_a_plain_web_url_is_refused_without_repeating_passwords(url: str) -> None:
    with pytest.raises(KairosError) as refused:
        clean(url)
    assert refused.value.code == "source_invalid"
    assert "hunter2" not in refused.value.sentence
    assert refused.value.sentence.isprintable()


def test_gzip_is_unpacked_within_a_limit() -> None:
    assert gunzip("a", gzip.compress(b"a" * 100) + gzip.compress(b"b") + b"\0" * 9, 200) == b"a" * 100 + b"b"
    assert gunzip("a", b"not packed", 200) == b"not packed"
    assert gunzip("a", gzip.compress(b"a" * 200), 200) == b"a" * 200
    for bomb in (b"a" * 201, b"\0" * 50_000_000):
        with pytest.raises(KairosError, match="larger"):
            gunzip("a", gzip.compress(bomb), 200)
    for cut in (5, 30):
        with pytest.raises(KairosError, match="cut short"):
            gunzip("a", gzip.compress(bytes(range(256)))[:cut], 1_000)


SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def test_a_sitemap_is_read_whatever_its_prefixes_and_extensions() -> None:
    found = parse_sitemap(
        "s.xml",
        f"""<?xml version="1.0"?><s:urlset xmlns:s="x" xmlns:image="i" {SPACE}>
        <s:url><s:loc>https://a.example/1?x=1&amp;y=2</s:loc><s:lastmod> 2026-11-03 </s:lastmod>
          <image:image><image:loc>https://a.example/i.png</image:loc></image:image></s:url>
        <s:url><s:loc><![CDATA[https://a.example/2]]></s:loc></s:url><s:url/></s:urlset>""".encode(),
    )
    assert found.pages == ["https://a.example/1?x=1&y=2", "https://a.example/2"]
    assert found.sitemaps == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>Not found</body></html>",
        b"<urlset><url>",
        b"<feed/>",
        b"\xff\xfe<\x00u\x00",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><urlset/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="no-such-encoding"?><urlset/>',
        b"<a>" * 200_000,
    ],
)
def test_what_is_not_a_sitemap_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(KairosError) as refused:
        parse_sitemap("s.xml", data)
    assert refused.value.code == "sitemap_invalid"
    assert "\n" not in refused.value.sentence
