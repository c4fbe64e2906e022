from types import SimpleNamespace
def clean(document):
    return SimpleNamespace(document=document, language="en", flags=[], signature=None)
