"""The weights of the layers under the names of the checkpoint they start from, and under ours."""

import torch
from torch import Tensor, nn

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


def checkpoint(model: nn.Module, weights: dict[str, Tensor]) -> dict[str, Tensor]:
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
