"""The model that is trained: MiniLM, and what its token states say of a question and the units of a passage."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.tokens import Text

LAYERS, HEADS, HIDDEN, EPSILON = 6, 12, 384, 1e-12
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


def batch(texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask (texts, longest), padded on the right."""
    longest = max(map(len, texts))
    ids, mask = (torch.zeros(len(texts), longest, dtype=torch.long) for _ in range(2))
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        mask[row, : len(text)] = 1
    return ids, mask
