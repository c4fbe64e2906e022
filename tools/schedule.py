"""When a source is to be read: a cron expression of five fields, in UTC."""

from datetime import datetime

from state.errors import KairosError


def next_after(expression: str, when: datetime) -> datetime:
    """The first time after `when` (with a time zone) that a cron expression names.

    Raises KairosError `schedule_invalid`, with the field that is wrong.
    """
    from cronsim import CronSim, CronSimError

    if len(expression.split()) != 5:
        raise _invalid(expression, "it needs minute, hour, day, month and weekday")
    try:
        found = next(CronSim(expression, when), None)
    except CronSimError as error:
        raise _invalid(expression, f"its {str(error).removeprefix('Bad ')} is wrong") from error
    except ValueError as error:
        raise _invalid(expression, "its numbers are too long") from error
    if found is None:
        raise _invalid(expression, "no day is like that")
    return found


def _invalid(expression: str, cause: str) -> KairosError:
    return KairosError(
        "schedule_invalid", f"{expression[:100]!r} is no schedule such as '0 6 * * MON-FRI' (UTC): {cause}."
    )
