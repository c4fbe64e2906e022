"""What the keys of providers look like, after their documentation."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """What keys of one provider look like; one of the words of `holds` stands in each, so others cost nothing."""

    rule: str
    holds: tuple[str, ...]
    pattern: re.Pattern[str]


def _key(rule: str, holds: str, pattern: str) -> Form:
    return Form(rule, tuple(holds.split()), re.compile(rf"(?<![A-Za-z0-9_-])(?:{pattern})(?![A-Za-z0-9_-])"))


FORMS: tuple[Form, ...] = (
    _key("aws access key", "AKIA ASIA ABIA ACCA", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    _key(
        "github token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"gh[pousr]_[A-Za-z0-9]{36,255}+|github_pat_[A-Za-z0-9_]{60,255}+",
    ),
    _key(
        "gitlab token",
        "glpat- gldt- glrt- glcbt- glptt- glsoat- glagent-",
        r"gl(?:pat|dt|rt|cbt|ptt|soat|agent)-[A-Za-z0-9_-]{20,64}+",
    ),
    _key(
        "slack token",
        "xox xapp-",
        r"xox[abeoprs]-[A-Za-z0-9-]{10,250}+|xapp-\d-[A-Z0-9]{8,16}-\d{8,16}-[a-f0-9]{32,80}",
    ),
    Form(
        "slack webhook",
        ("hooks.slack.com",),
        re.compile(r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/+]{20,90}+"),
    ),
    Form(
        "discord webhook",
        ("api/webhooks",),
        re.compile(r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/\d{16,20}/[\w-]{50,90}+"),
    ),
    _key("anthropic key", "sk-ant-", r"sk-ant-[A-Za-z0-9_-]{20,200}+"),
    _key(
        "openai key", "sk-", r"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,250}+|sk-[A-Za-z0-9]{32,64}+"
    ),
    _key("openrouter key", "sk-or-", r"sk-or-v1-[a-f0-9]{40,80}+"),
    _key("groq key", "gsk_", r"gsk_[A-Za-z0-9]{40,64}+"),
    _key("xai key", "xai-", r"xai-[A-Za-z0-9]{60,90}+"),
    _key("hugging face token", "hf_ api_org_", r"hf_[A-Za-z]{30,40}+|api_org_[A-Za-z]{30,40}+"),
    _key("replicate token", "r8_", r"r8_[A-Za-z0-9]{37}"),
    _key("langsmith key", "lsv2_", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    _key("google key", "AIza", r"AIza[\w-]{35}"),
    _key("google token", "ya29. GOCSPX-", r"ya29\.[\w-]{20,500}+|GOCSPX-[\w-]{28}"),
    _key(
        "stripe key",
        "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
        r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,120}+|whsec_[A-Za-z0-9+/=]{32,64}+",
    ),
    _key("square token", "sq0 EAAA", r"sq0(?:atp|csp|idp)-[\w-]{22,43}|EAAA[\w-]{60}"),
    _key("twilio key", "SK AC", r"(?:SK|AC)[a-f0-9]{32}"),
    _key("sendgrid key", "SG.", r"SG\.[\w-]{22}\.[\w-]{43}"),
    _key("mailgun key", "key-", r"key-[a-f0-9]{32}"),
    _key("mailchimp key", "-us", r"[a-f0-9]{32}-us\d{1,2}"),
    _key("npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _key("pypi token", "pypi-AgE", r"pypi-AgE[\w-]{50,500}+"),
    _key("docker token", "dckr_", r"dckr_(?:pat|oat)_[\w-]{20,60}+"),
    _key("digitalocean token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    _key("databricks token", "dapi", r"dapi[a-f0-9]{32}(?:-\d)?"),
    _key(
        "hashicorp token",
        "hvs. hvb. hvr. .atlasv1.",
        r"hv[sbr]\.[\w-]{24,300}+|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}",
    ),
    _key("shopify token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _key("atlassian token", "ATATT3", r"ATATT3[\w=-]{100,250}+"),
    _key("notion token", "secret_ ntn_", r"(?:secret|ntn)_[A-Za-z0-9]{40,50}+"),
    _key("linear key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _key("postman key", "PMAK-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    _key("grafana token", "glsa_ glc_", r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    _key("new relic key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    _key("sentry token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9+/=_-]{40,300}+"),
    _key("telegram token", ":AA", r"\d{8,10}:AA[\w-]{33}"),
    _key("age key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    _key("kairos key", "kairos_", r"kairos_[A-Za-z0-9_-]{20,100}+"),
    Form("azure storage key", ("AccountKey=",), re.compile(r"AccountKey=[A-Za-z0-9+/]{80,90}+={0,2}")),
    Form("azure shared access", ("sig=",), re.compile(r"[?&]sig=[A-Za-z0-9%]{40,70}+")),
    Form(
        "basic authorization",
        ("Basic",),
        re.compile(r"\b[Aa]uthorization:? ?Basic [A-Za-z0-9+/]{8,500}+={0,2}"),
    ),
    Form("bearer", ("earer",), re.compile(r"\b[Bb]earer [A-Za-z0-9._~+/-]{20,2000}+={0,2}")),
)
