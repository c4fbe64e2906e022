"""Further cases of our own for the extractor, of everyday tools: what is optional and said, what is said in other words.

The form is that of training.acting_cases. What a line does not give is not in its text: also required parameters.
"""

from typing import Any

from evals.tool_rows import Function


def _tool(name: str, description: str, required: str, /, **properties: dict[str, Any]) -> Function:
    return Function(
        name, description, {"type": "object", "properties": properties, "required": required.split()}
    )


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def _whole(description: str) -> dict[str, Any]:
    return {"type": "integer", "description": description}


def _number(description: str) -> dict[str, Any]:
    return {"type": "number", "description": description}


_DAY, _TIME = {"format": "date"}, {"format": "time"}

GENERAL: tuple[tuple[Function, str], ...] = (
    (
        _tool("halls.book", "Book a hall, for five hours at most.", "hall day start finish title", hall=_text("Name of the hall."), day=_text("The day.", **_DAY), start=_text("Begin.", **_TIME), finish=_text("End.", **_TIME), title=_text("What it is for, in a few words.")),
        """Book Galileo on 2024-01-12 from 10:00 to 12:00 for the review | hall = Galileo; day = 2024-01-12; start = 10:00; finish = 12:00; title = review
        Book the hall Kepler on 5 February from 9 to 11 am with the title "Kick-off" | hall = Kepler; day = 2024-02-05; start = 09:00; finish = 11:00; title = Kick-off
        Please book Tycho for the interviews on Wednesday from 13:00 until 16:30 | hall = Tycho; day = 2024-01-03; start = 13:00; finish = 16:30; title = interviews
        Book Halley tomorrow between 14:00 and 15:00 for a call | hall = Halley; day = 2024-01-02; start = 14:00; finish = 15:00; title = call
        Book Herschel on 2024-01-22 from 08:00 to 09:30 | hall = Herschel; day = 2024-01-22; start = 08:00; finish = 09:30
        Book a hall for the workshop | title = workshop
        I want a hall on 9 January from 10:00 to 11:00 | day = 2024-01-09; start = 10:00; finish = 11:00""",
    ),
    (
        _tool("refunds.file", "File a claim for money that you laid out.", "kind amount day purpose", kind=_text("What it was.", enum=["trip", "meal", "training", "other"]), amount=_number("In EUR, like 12.30."), day=_text("Day of the purchase, as YYYY-MM-DD.", **_DAY), purpose=_text("What it was for."), voucher=_text("Number of the voucher; needed above EUR 20."), guests=_whole("People at the table.")),
        """File a trip claim of 41.90 euros from 2024-01-03 for the purpose "Train to Lille" with voucher V-771 | kind = trip; amount = 41.9; day = 2024-01-03; purpose = Train to Lille; voucher = V-771
        Claim 60 euros for a meal of three on 2023-12-18, voucher V-802 | kind = meal; amount = 60.0; day = 2023-12-18; guests = 3; voucher = V-802
        Claim €18 spent yesterday on a book, voucher B12/9 | amount = 18.0; day = 2023-12-31; purpose = a book; voucher = B12/9
        File 250 euros for the training on 2023-12-04; the voucher is T-44 | kind = training; amount = 250.0; day = 2023-12-04; voucher = T-44
        File my parking claim | purpose = parking
        Please file 12 euros for stamps of 20 December 2023 | amount = 12.0; purpose = stamps; day = 2023-12-20""",
    ),
    (
        _tool("post.write", "Send an e-mail.", "to subject body", to={"type": "array", "items": {"type": "string", "format": "email"}, "description": "Addresses of the recipients."}, subject=_text("Subject line."), body=_text("The text.")),
        """Send an e-mail to ida@example.org with the subject "Visit" and the body "We come at ten." | to = [ida@example.org]; subject = Visit; body = We come at ten.
        Mail to bo@example.org and cy@example.org, subject "Keys", text "They are with Dora." | to = [bo@example.org, cy@example.org]; subject = Keys; body = They are with Dora.
        Send an e-mail to eve@example.org saying that the lift is mended | to = [eve@example.org]; body = the lift is mended
        E-mail flo@example.org that I am ill today | to = [flo@example.org]; body = I am ill today
        Write to gil@example.org with the subject "Late" | to = [gil@example.org]; subject = Late""",
    ),
    (
        _tool("notes.send", "Send a note to a colleague.", "address subject text", address=_text("Who gets it.", format="email"), subject=_text("Subject line."), text=_text("What it says.")),
        """Send a note to hal@example.org saying that the parcel is here | address = hal@example.org; text = the parcel is here
        Send a note to ivy@example.org with the subject Parcel | address = ivy@example.org; subject = Parcel
        Note to jon@example.org about the heating saying that it is off | address = jon@example.org; subject = the heating; text = it is off""",
    ),
    (
        _tool("bank.transfer", "Transfer money.", "amount currency iban", amount=_number("How much."), currency=_text("Currency code, such as EUR."), iban=_text("Account of the recipient, an IBAN."), reference=_text("What the recipient reads.")),
        """Transfer 300 euros to DE02 1203 0000 0000 2020 51 with the reference "Rent" | amount = 300.0; currency = EUR; iban = DE02 1203 0000 0000 2020 51; reference = Rent
        Send £75 to GB33BUKB20201555555555 | amount = 75.0; currency = GBP; iban = GB33BUKB20201555555555
        Please pay 1,250.50 USD to FR76 3000 6000 0112 3456 7890 189, reference INV-77 | amount = 1250.5; currency = USD; iban = FR76 3000 6000 0112 3456 7890 189; reference = INV-77
        Change 20 dollars | amount = 20.0; currency = USD""",
    ),
    (
        _tool("money.convert", "Convert an amount from one currency to another.", "amount from_currency to_currency", amount=_number("The amount."), from_currency=_text("The currency to convert from."), to_currency=_text("The currency to convert to.")),
        """Convert 40 euros to yen | amount = 40.0; from_currency = EUR; to_currency = JPY
        How many pounds are 90 dollars? | amount = 90.0; from_currency = USD; to_currency = GBP
        What are 15 Swiss francs in euros | amount = 15.0; from_currency = CHF; to_currency = EUR
        I have 700 rupees, how much is that in dollars? | amount = 700.0; from_currency = INR; to_currency = USD""",
    ),
    (
        _tool("weather.forecast", "The weather of a place.", "place", place=_text("City and country, e.g. Porto, Portugal."), days=_whole("Number of days. Default is 1."), unit=_text("Unit of temperature.", enum=["celsius", "fahrenheit"])),
        """What will the weather be like in Ghent, Belgium for the next 4 days? | place = Ghent, Belgium; days = 4
        Forecast for Tampere, Finland in fahrenheit please | place = Tampere, Finland; unit = fahrenheit
        How warm will it get in Cork, Ireland this week, in celsius | place = Cork, Ireland; unit = celsius
        Is it going to rain in Quito? | place = Quito""",
    ),
    (
        _tool("stock.count", "How often a thing is drawn.", "draws hits", draws=_whole("The number of draws."), hits=_whole("The number of hits wanted."), chance=_number("Chance of a hit. Default is 0.5.")),
        """How likely are 3 hits in 7 draws? | hits = 3; draws = 7
        Chance of exactly 4 hits if I draw 12 times with a chance of 0.2 | hits = 4; draws = 12; chance = 0.2
        In 20 draws, what is the likelihood of 9 hits? | draws = 20; hits = 9""",
    ),
    (
        _tool("walls.paint", "How much paint a wall needs.", "width height", width=_number("Width of the wall in metres."), height=_number("Height of the wall in metres."), colour=_text("The colour. Default is white."), unit=_text("Unit of the answer. Default is litres.")),
        """How much paint do I need for a wall of 6 by 3 metres? | width = 6.0; height = 3.0
        Paint for a wall 4.5 m wide and 2.4 m high in green | width = 4.5; height = 2.4; colour = green
        A wall with a height of 3 metres and a width of 8 metres, answer in gallons | height = 3.0; width = 8.0; unit = gallons""",
    ),
    (
        _tool("rides.speed", "The final speed of a ride.", "start_speed gain seconds", start_speed=_number("Speed at the start in metres per second."), gain=_number("Acceleration in metres per second squared."), seconds=_number("For how long, in seconds.")),
        """Final speed after gaining 3 m/s^2 for 6 seconds from a start at 12 m/s | start_speed = 12.0; gain = 3.0; seconds = 6.0
        A tram starts at 5 metres per second and accelerates at 1.5 m/s^2 for 8 seconds | start_speed = 5.0; gain = 1.5; seconds = 8.0""",
    ),
    (
        _tool("trips.search", "Search for train trips.", "origin destination day", origin=_text("Where it begins."), destination=_text("Where it ends."), day=_text("The day in the format DD/MM/YYYY."), travel_class=_text("Class.", enum=["first", "second"]), direct={"type": "boolean", "description": "Only trips without a change. Default is false."}),
        """Trains from Namur to Ulm on 4 March 2024, direct only | origin = Namur; destination = Ulm; day = 04/03/2024; direct = True
        I want to go to Bern from Lugano on 12 April 2024 in first class | origin = Lugano; destination = Bern; day = 12/04/2024; travel_class = first
        Search a second class trip between Pisa and Nice on 1 May 2024 | origin = Pisa; destination = Nice; day = 01/05/2024; travel_class = second""",
    ),
    (
        _tool("kitchen.recipes", "Find recipes.", "dish", dish=_text("Name of the dish."), diet=_text("Diet like vegan or halal. Default is none."), minutes=_whole("Most minutes. Default is 60."), without={"type": "array", "items": {"type": "string"}, "description": "What must not be in it."}),
        """Find a vegan recipe for lentil soup | dish = lentil soup; diet = vegan
        A recipe for apple strudel that takes at most 45 minutes | dish = apple strudel; minutes = 45
        How do I cook risotto without nuts, milk and eggs? | dish = risotto; without = [nuts, milk, eggs]
        Give me a halal kebab recipe | dish = kebab; diet = halal""",
    ),
    (
        _tool("history.rulers", "Who ruled a country.", "country year", country=_text("The country."), year=_whole("The year."), title=_text("Title such as king or duke.")),
        """Who was the queen of Norway in 1420? | country = Norway; year = 1420; title = queen
        Who ruled Persia in 1604 | country = Persia; year = 1604
        Name the duke of Savoy in the year 1562 | country = Savoy; year = 1562; title = duke""",
    ),
    (
        _tool("science.finder", "Who found something.", "thing", thing=_text("What was found."), detail={"type": "boolean", "description": "Whether more is told. Default is false."}),
        """Who found helium? | thing = helium
        Who discovered the moons of Saturn? Give me details | thing = moons of Saturn; detail = True
        By whom was penicillin discovered? | thing = penicillin""",
    ),
    (
        _tool("files.copy", "Copy a file.", "source target", source=_text("Path of the file."), target=_text("Path of the copy."), overwrite={"type": "boolean", "description": "Whether an older copy is replaced. Default is false."}),
        """Copy /srv/in/plan.txt to /srv/out/plan.txt and overwrite it | source = /srv/in/plan.txt; target = /srv/out/plan.txt; overwrite = True
        Copy notes.md to archive.md, do not overwrite | source = notes.md; target = archive.md; overwrite = False""",
    ),
)  # fmt: skip
