"""Expense claims: filed, approved, paid; by the rules of the handbook's pages on expenses and payments."""

from datetime import date
from typing import Annotated, Literal, cast

from pydantic import Field
from typing_extensions import TypedDict  # schemas need this one before Python 3.12

from mcp_servers.workplace.asker import Desk, RefusedError
from mcp_servers.workplace.fields import Id, Line, Note

Category = Literal["travel", "meal_with_guests", "working_lunch", "home_workplace", "training", "other"]
ClaimId = Annotated[Id, Field(description="Number of the claim.")]
PER_HEAD = {"meal_with_guests": 6500, "working_lunch": 1500}
TWO_APPROVE, RECEIPT = 100_000, 1000
"""Cents: above the first the head of the cost centre approves too; above the second a receipt is needed."""


class Claim(TypedDict):
    id: int
    person: str
    category: str
    amount: float
    spent_on: str
    purpose: str
    receipt: str
    guests: int
    status: str
    approved_by: list[str]


class Claims(TypedDict):
    claims: list[Claim]


class Payment(TypedDict):
    claim: int
    amount: float
    iban: str


class Account(TypedDict):
    person: str
    iban: str


def list_claims(
    desk: Desk, status: Literal["submitted", "approved", "rejected", "paid"] | None = None
) -> Claims:
    """List expense claims that you may see: yours, those you approve, or all if you work in Finance."""
    rows = desk.all(
        "SELECT c.id FROM claims c JOIN people p ON p.id = c.person WHERE (?1 IN (p.id, p.manager, p.head) OR ?2) "
        "AND (?3 IS NULL OR c.status = ?3) ORDER BY c.id",
        desk.me,
        _is_finance(desk),
        status,
    )
    return Claims(claims=[_claim(desk, row["id"]) for row in rows])


def file_claim(
    desk: Desk,
    category: Category,
    amount: Annotated[float, Field(gt=0, le=10_000, description="In EUR, like 48.50.")],
    spent_on: Annotated[date, Field(description="Day of the purchase, as YYYY-MM-DD.")],
    purpose: Line,
    receipt: Annotated[Note, Field(description="Number of the receipt; needed above EUR 10.")] = "",
    guests: Annotated[int, Field(ge=0, le=100, description="People at the table, for meals.")] = 0,
    late_reason: Annotated[Note, Field(description="Needed from day 61 after the purchase.")] = "",
) -> Claim:
    """File a claim for money that you spent for the company, within 60 days; your manager approves it."""
    cents = round(amount * 100)
    if desk.person["kind"] == "contractor":
        raise RefusedError("Contractors put agreed costs on their invoice and file no claims.")
    if cents > RECEIPT and not receipt.strip():
        raise RefusedError("Above EUR 10 a receipt is needed. Give its number as `receipt`.")
    _check_age(desk, spent_on, late_reason)
    _check_meal(category, cents, guests)
    found = desk.add(
        "INSERT INTO claims (person, category, amount, spent_on, purpose, receipt, guests) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        desk.me,
        category,
        cents,
        spent_on.isoformat(),
        purpose,
        receipt,
        guests,
    )
    return _claim(desk, found)


def decide_claim(desk: Desk, claim_id: ClaimId, decision: Literal["approve", "reject"]) -> Claim:
    """Approve or reject a claim as its manager; above EUR 1,000 the head of the cost centre approves as well."""
    row = _submitted(desk, claim_id)
    deciders = _deciders(desk, row)
    if desk.me not in deciders:
        raise RefusedError(
            "Only the claimant's manager, and above EUR 1,000 the head of the cost centre, decide."
        )
    if decision == "reject":
        desk.db.execute("UPDATE claims SET status = 'rejected' WHERE id = ?", (claim_id,))
        return _claim(desk, claim_id)
    if desk.me in row["approved_by"]:
        raise RefusedError(f"You have approved claim {claim_id} already; it waits for somebody else.")
    desk.add("INSERT INTO claim_approvals (claim, person) VALUES (?, ?)", claim_id, desk.me)
    if deciders <= {*row["approved_by"], desk.me}:
        desk.db.execute("UPDATE claims SET status = 'approved' WHERE id = ?", (claim_id,))
    return _claim(desk, claim_id)


def pay_claim(desk: Desk, claim_id: ClaimId) -> Payment:
    """Release the payment of an approved claim to the claimant's bank account. Only Finance, never to oneself."""
    if not _is_finance(desk):
        raise RefusedError("Only Finance releases payments.")
    row = _claim(desk, claim_id)
    if row["person"] == desk.me:
        raise RefusedError("Nobody releases a payment to themselves.")
    if row["status"] != "approved":
        raise RefusedError(f"Claim {claim_id} is {row['status']}; only approved claims are paid, and once.")
    iban = str(desk.colleague(row["person"])["iban"])
    cents = round(row["amount"] * 100)
    desk.add("INSERT INTO payments VALUES (?, ?, ?, ?)", claim_id, iban, cents, desk.me)
    desk.db.execute("UPDATE claims SET status = 'paid' WHERE id = ?", (claim_id,))
    return Payment(claim=claim_id, amount=row["amount"], iban=iban)


def change_bank_account(
    desk: Desk,
    iban: Annotated[str, Field(pattern=r"^[A-Z]{2}\d{2}[A-Z0-9 ]{11,40}$", description="An IBAN.")],
) -> Account:
    """Change the bank account that your own expenses are paid to."""
    plain = iban.replace(" ", "")
    moved = plain[4:] + plain[:4]
    if int("".join(str(int(sign, 36)) for sign in moved)) % 97 != 1:
        raise RefusedError("This is no IBAN: its check digits are wrong (ISO 13616).")
    desk.db.execute("UPDATE people SET iban = ? WHERE id = ?", (plain, desk.me))
    return Account(person=desk.me, iban=plain)


def _is_finance(desk: Desk) -> bool:
    return bool(desk.person["unit"] == "finance")


def _check_age(desk: Desk, spent_on: date, late_reason: str) -> None:
    age = (desk.today - spent_on).days
    if age < 0:
        raise RefusedError("The day of the purchase lies in the future.")
    if age > 90:
        raise RefusedError("After 90 days nothing is paid.")
    if age > 60 and not late_reason.strip():
        raise RefusedError("After 60 days a reason is needed. Give it as `late_reason`.")


def _check_meal(category: str, cents: int, guests: int) -> None:
    most = PER_HEAD.get(category)
    if most is None:
        return
    if guests < 2:
        raise RefusedError("Give the number of people at the table as `guests`, yourself included.")
    if cents > most * guests:
        raise RefusedError(
            f"At most EUR {most / 100:.0f} a person are paid for this; a director agrees beforehand."
        )


def _deciders(desk: Desk, claim: Claim) -> set[str]:
    """Whose approval it takes; heads of their own cost centre are answered for by their manager."""
    person = desk.colleague(claim["person"])
    needed = {person["manager"]}
    if claim["amount"] * 100 > TWO_APPROVE and person["head"] != person["id"]:
        needed.add(person["head"])
    return {str(one) for one in needed - {person["id"], None}}


def _submitted(desk: Desk, claim_id: int) -> Claim:
    row = _claim(desk, claim_id)
    if row["status"] != "submitted":
        raise RefusedError(f"Claim {claim_id} is {row['status']} already.")
    return row


def _claim(desk: Desk, claim_id: int) -> Claim:
    row = desk.one("SELECT * FROM claims WHERE id = ?", claim_id)
    if row is None:
        raise RefusedError(f"There is no claim {claim_id}. See list_claims.")
    by = desk.all("SELECT person FROM claim_approvals WHERE claim = ? ORDER BY person", claim_id)
    given = {**dict(row), "amount": row["amount"] / 100, "approved_by": [one["person"] for one in by]}
    return cast(Claim, given)
