"""Letters that look like Latin ones (a choice from Unicode Technical Standard 39: Cyrillic, Greek, Armenian, Latin)."""

_CYRILLIC = "аaсcеeоoрpхxуyіiјjѕsԁdһhԛqԝwӏlАAВBЕEКKМMНHОOРPСCТTХXУYІIЈJЅSԌGӀI"
_GREEK = "αaοoνvρpιiκkυuχxγyΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX"
_OTHER = "օoսuհhոnցgքfіiɑaɡgıiℓlʏyᴀaᴄcᴅdᴇeɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpʀrᴛtᴜuᴠvᴡwᴢzꜱsƅbƽsꞌ'"

_PAIRS = _CYRILLIC + _GREEK + _OTHER
LATIN = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
"""Each look-alike and the letter it is read as, one for one."""
