"""Train the reader: MiniLM learns to put a question near the sentences that answer it, token by token.

python -m training.reader --examples FILE --weights model.safetensors --tokenizer tokenizer.json --out reader.safetensors

Needs training/requirements.txt, in an environment of its own. Question and passage are read apart, so that it starts
as good as MiniLM is. A unit (sentence, item, row) is scored by the cosine of its mean state and by late interaction
(ColBERT, Khattab and Zaharia 2020). The scores of all units of a question's passages compete with each other and with
"not said", whose score is 0 (shared normalisation, Clark and Gardner 2018), so that they compare across passages.
"""

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from training.held_out import is_held_out

SEED = 7
LONGEST, LONGEST_QUESTION = 256, 64
"""Tokens of a passage with its headings, and of a question."""
QUESTIONS, PASSAGES = 8, 3
"""Of one step; passages with the answer first, others from the best that search found."""
EPOCHS, RATE, RATE_OF_SCALES, WARM_UP, DECAY = 2, 5e-5, 2e-2, 0.1, 0.01
LAYERS, HEADS, HIDDEN, EPSILON = 6, 12, 384, 1e-12
FROZEN = 1
"""Layers, from below, that stay as they are."""
MOST = 1_200
"""Questions of one file: none outweighs the others."""
TOGETHER = 8
"""Texts of similar length that go through the layers at once."""
CLS, SEP = 101, 102

Span = tuple[int, int]


@dataclass
class Case:
    """A question, its passages (best first), and per passage the spans that hold the answer."""

    id: str
    document: str
    question: str
    passages: list[str]
    evidence: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Text:
    """A passage as tokens: those of its headings come first, up to `head`; `units` count tokens."""

    ids: list[int]
    head: int
    units: list[Span]
    places: list[Span]


class Layer(nn.Module):
    """One post-norm transformer layer of BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(HIDDEN, 3 * HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.wide, self.narrow = nn.Linear(HIDDEN, 4 * HIDDEN), nn.Linear(4 * HIDDEN, HIDDEN)
        self.norm1, self.norm2 = nn.LayerNorm(HIDDEN, EPSILON), nn.LayerNorm(HIDDEN, EPSILON)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        context = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm1(x + self.out(context.transpose(1, 2).reshape(batch, length, HIDDEN)))
        return self.norm2(x + self.narrow(functional.gelu(self.wide(x))))


class Reader(nn.Module):
    """MiniLM's token states, and the scale of each kind of closeness; the table of words stays as it is."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        prefix = "embeddings."
        self.words = nn.Embedding.from_pretrained(weights[f"{prefix}word_embeddings.weight"], freeze=True)
        places = (
            weights[f"{prefix}position_embeddings.weight"]
            + weights[f"{prefix}token_type_embeddings.weight"][0]
        )
        self.positions = nn.Embedding.from_pretrained(places, freeze=True)
        norm = {k: weights[f"{prefix}LayerNorm.{k}"] for k in ("weight", "bias")}
        self.norm = nn.LayerNorm(HIDDEN, EPSILON)
        self.norm.requires_grad_(False).load_state_dict(norm)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        # The scale of the cosine, that of late interaction, and what "not said" weighs.
        self.scales = nn.Parameter(torch.tensor([10.0, 5.0, 8.0]))
        for number, layer in enumerate(self.layers):
            layer.requires_grad_(number >= FROZEN).load_state_dict(of_layer(weights, number))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        bias = mask[:, None, None, :].bool()
        with torch.no_grad():
            x = self.norm(self.words(ids) + self.positions(torch.arange(ids.shape[1])))
            for layer in self.layers[:FROZEN]:
                x = layer(x, bias)
        for layer in self.layers[FROZEN:]:
            x = layer(x, bias)
        return x.float()

    def read(self, texts: Sequence[Sequence[int]]) -> list[Tensor]:
        """The states (length, 384) of each text; those of similar length are read together."""
        found: dict[int, Tensor] = {}
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for first in range(0, len(order), TOGETHER):
            rows = order[first : first + TOGETHER]
            with torch.autocast("cpu", torch.bfloat16):
                states = self(*batch([texts[row] for row in rows]))
            found |= {row: states[n, : len(texts[row])] for n, row in enumerate(rows)}
        return [found[row] for row in range(len(texts))]

    def score(self, asked: Tensor, states: Tensor, text: Text) -> Tensor:
        """The logit of each unit; 0 weighs as much as "not said"."""
        asked, unit_states = asked[1:-1], functional.normalize(states, dim=-1)
        whole, tokens = functional.normalize(asked.mean(0), dim=0), functional.normalize(asked, dim=-1)
        likeness = tokens @ unit_states.T
        inside = torch.zeros(len(text.units), len(states))
        for row, (start, end) in enumerate(text.units):
            inside[row, start:end] = 1
        near = functional.normalize(inside @ states, dim=-1) @ whole
        own = likeness.masked_fill(inside[:, None, :] == 0, -1.0).amax(-1)
        late = torch.maximum(own, likeness[:, : text.head].amax(1)).mean(1)
        a, b, unsaid = self.scales
        return a * near + b * late - unsaid


NAMES = {
    "out": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "norm2": "output.LayerNorm",
}


def of_layer(weights: dict[str, Tensor], number: int) -> dict[str, Tensor]:
    """The layer's weights under our names."""
    prefix = f"encoder.layer.{number}."
    found = {
        f"{ours}.{k}": weights[f"{prefix}{theirs}.{k}"]
        for ours, theirs in NAMES.items()
        for k in ("weight", "bias")
    }
    for k in ("weight", "bias"):
        parts = [weights[f"{prefix}attention.self.{part}.{k}"] for part in ("query", "key", "value")]
        found[f"qkv.{k}"] = torch.cat(parts)
    return found


def checkpoint(model: Reader, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The trained weights under the names of the checkpoint they started from, and the heads."""
    found = dict(weights)
    for number, layer in enumerate(model.layers):
        state, prefix = layer.state_dict(), f"encoder.layer.{number}."
        for ours, theirs in NAMES.items():
            found |= {f"{prefix}{theirs}.{k}": state[f"{ours}.{k}"] for k in ("weight", "bias")}
        for k in ("weight", "bias"):
            for part, values in zip(("query", "key", "value"), state[f"qkv.{k}"].chunk(3), strict=True):
                found[f"{prefix}attention.self.{part}.{k}"] = values
    found["scales"] = model.scales.data
    return {name: values.contiguous().float() for name, values in found.items()}


class Encoder:
    """Questions and passages as tokens."""

    def __init__(self, tokenizer: Path, rows: dict[str, Any]) -> None:
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.texts = {key: self._text(row) for key, row in rows.items()}

    def question(self, text: str) -> list[int]:
        return [CLS, *self._ids(text)[:LONGEST_QUESTION], SEP]

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def _text(self, row: dict[str, Any]) -> Text:
        """[CLS] title headings text [SEP], as far as it goes."""
        head = [
            CLS,
            *self._ids("\n".join(part for part in (row["title"], " > ".join(row["headings"])) if part))[:48],
        ]
        body = self.tokenizer.encode(row["text"], add_special_tokens=False)
        room = LONGEST - len(head) - 1
        units, places = [], []
        for start, end in row["units"]:
            inside = [n for n, (a, b) in enumerate(body.offsets[:room]) if a < end and b > start]
            if inside:
                units.append((len(head) + inside[0], len(head) + inside[-1] + 1))
                places.append((start, end))
        return Text([*head, *body.ids[:room], SEP], len(head), units, places)


def is_gold(unit: Span, evidence: Sequence[Span]) -> bool:
    """Most of the shorter one lies in the other."""
    return any(
        min(unit[1], end) - max(unit[0], start) > 0.5 * min(unit[1] - unit[0], end - start)
        for start, end in evidence
    )


def read_cases(file: Path) -> tuple[dict[str, Any], list[Case]]:
    """Passages by id, and the cases; the same question asked twice of a document is one case with both answers."""
    passages, cases, lost = (
        {},
        {},
        set(),
    )  # lost: search did not find the answer, so there is nothing to learn
    for line in file.open(encoding="utf-8"):
        row = json.loads(line)
        if "passage" in row:
            passages[f"{row['set']}:{row['passage']}"] = row
            continue
        key = (row["set"], row["document"], row["question"])
        keys = [f"{row['set']}:{passage}" for passage in row["passages"]]
        case = cases.setdefault(
            key, Case(row["id"], f"{row['set']}:{row['document']}", row["question"], keys)
        )
        for passage, spans in zip(keys, row["evidence"], strict=True):
            case.evidence[passage] += [tuple(span) for span in spans]
        if row["answerable"] and not any(row["evidence"]):
            lost.add(key)
    return passages, [case for key, case in cases.items() if key not in lost or any(case.evidence.values())]


def steps_of(cases: Sequence[Case], chance: random.Random) -> Iterator[list[tuple[Case, list[str]]]]:
    """Steps of QUESTIONS questions, each with its PASSAGES passages."""
    order = list(cases)
    chance.shuffle(order)
    for first in range(0, len(order) - QUESTIONS + 1, QUESTIONS):
        step = []
        for case in order[first : first + QUESTIONS]:
            right = [p for p in case.passages if case.evidence.get(p)]
            wrong = [p for p in case.passages if not case.evidence.get(p)]
            chosen = chance.sample(right, min(2, len(right)))
            weights = [1 / (2 + rank) for rank in range(len(wrong))]
            while wrong and len(chosen) < PASSAGES:
                place = chance.choices(range(len(wrong)), weights)[0]
                chosen.append(wrong.pop(place))
                weights.pop(place)
            step.append((case, chosen))
        yield step


def batch(texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask (texts, longest), padded on the right."""
    longest = max(map(len, texts))
    ids, mask = (torch.zeros(len(texts), longest, dtype=torch.long) for _ in range(2))
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        mask[row, : len(text)] = 1
    return ids, mask


def scored(
    model: Reader, step: Sequence[tuple[Case, list[str]]], encoder: Encoder
) -> list[tuple[Tensor, Tensor]]:
    """The logits of all units of each question's passages, and which are gold."""
    asked = model.read([encoder.question(case.question) for case, _ in step])
    texts = [encoder.texts[passage] for _, chosen in step for passage in chosen]
    states, found = iter(zip(texts, model.read([text.ids for text in texts]), strict=True)), []
    for (case, chosen), question in zip(step, asked, strict=True):
        logits, gold = [], []
        for passage in chosen:
            text, own = next(states)
            if text.units:
                logits.append(model.score(question, own, text))
                gold += [is_gold(place, case.evidence.get(passage, [])) for place in text.places]
        found.append((torch.cat(logits), torch.tensor(gold)))
    return found


def loss_of(logits: Tensor, gold: Tensor) -> Tensor:
    """Shared normalisation over all units and "not said", and all gold units alike above the others."""
    everything = torch.logsumexp(torch.cat([logits, logits.new_zeros(1)]), 0)
    if not gold.any():
        return everything
    right = torch.logsumexp(logits[gold], 0)
    return everything - right + 0.3 * (everything - logits[gold].mean())


@torch.no_grad()
def measure(model: Reader, cases: Sequence[Case], encoder: Encoder) -> dict[str, float]:
    """On held out questions: the best unit is right; the area under the curve of "is it said at all"."""
    right, said, unsaid = [], [], []
    for case in cases:
        ((logits, gold),) = scored(model, [(case, case.passages[:8])], encoder)
        (said if gold.any() else unsaid).append(torch.logsumexp(logits, 0).item())
        if gold.any():
            right.append(gold[logits.argmax()].item())
    wins = [(a > b) + 0.5 * (a == b) for a in said for b in unsaid]
    return {
        "answered": len(right),
        "best_unit": round(sum(right) / max(1, len(right)), 3),
        "unsaid": len(unsaid),
        "said_auc": round(sum(wins) / max(1, len(wins)), 3),
    }


def report(model: Reader, held: Sequence[Case], encoder: Encoder, when: str) -> None:
    """Print the measures of each set."""
    by_set = defaultdict(list)
    for case in held:
        by_set[case.document.partition(":")[0]].append(case)
    for name, cases in by_set.items():
        print(when, name, measure(model, cases[:60], encoder), flush=True)
    print("scales", [round(value, 2) for value in model.scales.tolist()], flush=True)


def train(model: Reader, cases: Sequence[Case], held: Sequence[Case], encoder: Encoder, epochs: int) -> None:
    """AdamW with a linear warm-up and decay; prints the measures after each epoch."""
    chance = random.Random(SEED)
    body = [p for name, p in model.named_parameters() if p.requires_grad and name != "scales"]
    groups = [
        {"params": body, "lr": RATE},
        {"params": [model.scales], "lr": RATE_OF_SCALES, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    steps = epochs * (len(cases) // QUESTIONS)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1, n / (WARM_UP * steps), (steps - n) / ((1 - WARM_UP) * steps))
    )
    done, started, total = 0, time.time(), 0.0
    for epoch in range(epochs):
        for step in steps_of(cases, chance):
            loss = torch.stack([loss_of(*pair) for pair in scored(model, step, encoder)]).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            done, total = done + 1, total + loss.item()
            if done % 25 == 0:
                print(f"step {done}/{steps} loss {total / 25:.3f} {time.time() - started:.0f} s", flush=True)
                total = 0.0
        report(model, held, encoder, f"epoch {epoch + 1}")


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True, action="append")
    for name in ("weights", "tokenizer", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(arguments.threads)
    passages, held, kept = {}, [], []
    for file in arguments.examples:
        found, cases = read_cases(file)
        passages |= found
        held += [case for case in cases if is_held_out(case.document)]
        rest = [case for case in cases if not is_held_out(case.document)]
        kept += random.Random(SEED).sample(rest, min(MOST, len(rest)))
    encoder = Encoder(arguments.tokenizer, passages)
    weights = load_file(arguments.weights)
    model = Reader(weights)
    print(f"{len(kept)} questions to train on, {len(held)} held out", flush=True)
    train(model, kept, held, encoder, arguments.epochs)
    save_file(checkpoint(model, weights), arguments.out)


if __name__ == "__main__":
    main()
