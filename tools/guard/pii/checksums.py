"""Check digits of numbers that people are known by. Each takes the number without separators."""

from collections.abc import Sequence


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: cards, and several national numbers."""
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def mod97(iban: str) -> bool:
    """ISO 13616: the first four signs moved to the end, letters as 10 to 35, remainder 1."""
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def weighted(digits: str, weights: Sequence[int], modulus: int) -> int:
    """The weighted sum of as many digits as there are weights, modulo `modulus`."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % modulus


def ssn(digits: str) -> bool:
    """United States: areas 000, 666 and 900 up, group 00 and serial 0000 are never given."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def verhoeff(digits: str) -> bool:
    """India, Aadhaar (Verhoeff 1969): products and permutations in the dihedral group of ten."""
    check = 0
    for at, digit in enumerate(reversed(digits)):
        check = _PRODUCT[check][_PERMUTED[at % 8][int(digit)]]
    return check == 0


def cpf(digits: str) -> bool:
    """Brazil: two check digits modulo 11; eleven times the same digit is none."""
    first = weighted(digits, range(10, 1, -1), 11)
    second = weighted(digits, range(11, 1, -1), 11)
    expected = f"{0 if first < 2 else 11 - first}{0 if second < 2 else 11 - second}"
    return digits[9:] == expected and len(set(digits)) > 1


def dni(number: str) -> bool:
    """Spain, DNI and NIE: the letter is the number modulo 23."""
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == number[-1]


def pesel(digits: str) -> bool:
    """Poland."""
    return weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10) == 0


def nir(digits: str) -> bool:
    """France, numéro de sécurité sociale: key 97 minus the remainder of the first 13 digits."""
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def bsn(digits: str) -> bool:
    """Netherlands: the test of eleven."""
    return weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), 11) == 0


def nhs(digits: str) -> bool:
    """United Kingdom, National Health Service."""
    return weighted(digits, (*range(10, 1, -1), 1), 11) == 0


def steuer_id(digits: str) -> bool:
    """Germany, Steuer-Identifikationsnummer (ISO 7064 mod 11,10); one digit stands twice or thrice in the first ten."""
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10]) and len(set(digits[:10])) in (8, 9)


def codice_fiscale(code: str) -> bool:
    """Italy: odd and even places have values of their own; the last letter is the sum modulo 26."""
    odd = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", _ODD, strict=True))
    total = sum(
        odd[sign] if at % 2 == 0 else int(sign, 36) - 10 * sign.isalpha() for at, sign in enumerate(code[:15])
    )
    return chr(ord("A") + total % 26) == code[15]


_ODD = tuple(
    map(
        int,
        "1 0 5 7 9 13 15 17 19 21 1 0 5 7 9 13 15 17 19 21 2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23".split(),
    )
)
_PRODUCT = [[(a + b) % 5 if a < 5 and b < 5 else 5 + (a + b) % 5 if a < 5 else 5 + (a - b) % 5 if b < 5 else (a - b) % 5
             for b in range(10)] for a in range(10)]  # fmt: skip


def _permutations() -> list[list[int]]:
    rows = [list(range(10))]
    step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    for _ in range(7):
        rows.append([step[digit] for digit in rows[-1]])
    return rows


_PERMUTED = _permutations()
