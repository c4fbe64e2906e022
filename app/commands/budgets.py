"""kairos budgets: what may be spent on models."""

from decimal import ROUND_CEILING, Decimal
from typing import Annotated

import typer

from app.local import local_profile
from app.terminal import Json, Tenant, console, print_json, print_table, run, text
from state.postgres import budgets as store
from state.postgres.verdicts import dollars

budgets = typer.Typer(help="Look after what may be spent on models.", no_args_is_help=True)


def nano_usd(value: str) -> int:
    """US dollars as nano-dollars, rounded up. Raises typer.BadParameter."""
    try:
        found = Decimal(value.strip().removeprefix("$"))
        return int((found * 10**9).to_integral_value(ROUND_CEILING))
    except (ArithmeticError, ValueError):
        raise typer.BadParameter(f"{value!r} is no sum of dollars, such as 5 or 0.25") from None


@budgets.command("set")
def set_(
    kind: Annotated[store.Kind, typer.Argument(help="Whose it is.")],
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", callback=text, help="Key, user or team; * for each of them.")
    ] = "",
    usd: Annotated[str, typer.Option(help="US dollars.")] = ...,  # type: ignore[assignment]
    per: Annotated[store.Period, typer.Option(help="The time that it is for (UTC).")] = "month",
    at_limit: Annotated[store.AtLimit, typer.Option(help="What a call gets when it is spent.")] = "refuse",
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Set a budget, or change it; what was spent on it since it was first set stays counted.

    Example: kairos budgets set user '*' --usd 5 --per day
    """
    amount = nano_usd(usd)
    number = run(store.put(local_profile(tenant, ()), kind, name, per, amount, at_limit), as_json)
    if as_json:
        print_json({"budget": number, "nano_usd": amount})
    else:
        console.print(f"Budget {number}: ${dollars(amount)}.", highlight=False)


@budgets.command("list")
def list_(tenant: Tenant = "default", as_json: Json = False) -> None:
    """List budgets with what is spent and reserved now, of `*` by the one that used most.

    Example: kairos budgets list
    """
    rows = run(store.overview(local_profile(tenant, ())), as_json)
    if as_json:
        print_json({"budgets": rows})
        return
    cells = [
        (
            row["id"],
            row["kind"],
            row["name"],
            row["period"],
            *(f"${dollars(row[key])}" for key in ("nano_usd", "spent", "reserved")),
            row["at_limit"],
        )
        for row in rows
    ]
    columns = ("id", "kind", "name", "per", "budget", "spent", "reserved", "at its limit")
    print_table(columns, cells, "There is no budget: nothing limits what is spent.")


@budgets.command()
def remove(
    budget: Annotated[int, typer.Argument(metavar="ID", help="The budget's number.")],
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Remove a budget.

    Example: kairos budgets remove 3
    """
    run(store.remove(local_profile(tenant, ()), budget), as_json)
    if as_json:
        print_json({"removed": budget})
    else:
        console.print(f"Budget {budget} is removed.", highlight=False)
