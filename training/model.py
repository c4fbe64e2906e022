"""The model that is trained: MiniLM, and what its token states say of a question and the units of a passage."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.cases import Step, is_gold
from training.checkpoint import of_layer
from training.tokens import Encoder, Text

LAYERS, HEADS, HIDDEN, EPSILON = 6, 12, 384, 1e-12
DROPPED = 0.1
"""Share of what a layer adds that is left out by chance while it learns."""
FROZEN = 1
"""Layers, from below, that stay as they are."""
TOGETHER = 8
"""Texts of similar length that go through the layers at once."""


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
        x = self.norm1(x + self._dropped(self.out(context.transpose(1, 2).reshape(batch, length, HIDDEN))))
        return self.norm2(x + self._dropped(self.narrow(functional.gelu(self.wide(x)))))

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPPED, self.training and torch.is_grad_enabled())


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
        if "scales" in weights:
            self.scales.data.copy_(weights["scales"])
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

    def score(self, asked: Sequence[Tensor], states: Tensor, text: Text) -> Tensor:
        """The logits (questions, units) of one passage; 0 weighs as much as "not said"."""
        longest = max(map(len, asked))
        padded = torch.stack([functional.pad(one, (0, 0, 0, longest - len(one))) for one in asked])
        real = torch.stack([(torch.arange(longest) < len(one)).float() for one in asked])
        likeness = functional.normalize(padded, dim=-1) @ functional.normalize(states, dim=-1).T
        own = torch.stack([likeness[:, :, start:end].amax(-1) for start, end in text.units], 1)
        above = likeness[:, :, : text.head].amax(-1)[:, None]
        late = (torch.maximum(own, above) * real[:, None]).sum(-1) / real.sum(-1)[:, None]
        means = torch.stack([states[start:end].mean(0) for start, end in text.units])
        whole = torch.stack([one.mean(0) for one in asked])
        near = functional.normalize(whole, dim=-1) @ functional.normalize(means, dim=-1).T
        a, b, unsaid = self.scales
        return a * near + b * late - unsaid


def scored(model: Reader, step: Step, encoder: Encoder) -> list[tuple[Tensor, Tensor]]:
    """The logits of all units of each question's passages, and which are gold; each passage is read once."""
    asked = [states[1:-1] for states in model.read([encoder.question(case.question) for case, _ in step])]
    askers = defaultdict(list)
    for row, (_, chosen) in enumerate(step):
        for passage in chosen:
            if encoder.texts[passage].units:
                askers[passage].append(row)
    logits: dict[int, list[Tensor]] = defaultdict(list)
    gold: dict[int, list[bool]] = defaultdict(list)
    states = model.read([encoder.texts[passage].ids for passage in askers])
    for (passage, rows), own in zip(askers.items(), states, strict=True):
        text = encoder.texts[passage]
        for row, scores in zip(rows, model.score([asked[row] for row in rows], own, text), strict=True):
            logits[row].append(scores)
            gold[row] += [is_gold(place, step[row][0].evidence.get(passage, [])) for place in text.places]
    return [(torch.cat(logits[row]), torch.tensor(gold[row])) for row in sorted(logits)]


def batch(texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask (texts, longest), padded on the right."""
    longest = max(map(len, texts))
    ids, mask = (torch.zeros(len(texts), longest, dtype=torch.long) for _ in range(2))
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        mask[row, : len(text)] = 1
    return ids, mask
