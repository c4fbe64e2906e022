"""all-MiniLM-L6-v2 as an ONNX graph, written from its safetensors.

The layers use onnxruntime's own fused operators (com.microsoft: EmbedLayerNormalization, Attention,
BiasGelu), the ones its optimiser makes out of an exported BERT; run it without extended optimisations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Part of the cache file's name: raise it whenever the graph below changes.
GRAPH_VERSION = 1
LAYERS, HEADS, HIDDEN, EPSILON = 6, 12, 384, 1e-12
FUSED = "com.microsoft"

Weights = Mapping[str, NDArray[np.float32]]


@dataclass
class _Graph:
    """The nodes and constants collected so far."""

    weights: Weights
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def weight(self, name: str) -> str:
        """A vector or table of the checkpoint, as it is."""
        return self.constant(name, self.weights[name])

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def matmul(self, x: str, layer: str, output: str) -> str:
        """x times the layer's matrix; the bias belongs to the fused operator that follows."""
        return self.node(
            "MatMul", [x, self.constant(f"{layer}.matrix", self.weights[f"{layer}.weight"].T)], output
        )

    def add_and_norm(self, x: str, skip: str, block: str, output: str) -> str:
        """LayerNorm(x + bias + skip): three operators, for the fused one took seven times as long."""
        biased = self.node("Add", [x, self.weight(f"{block}.dense.bias")], f"{output}.biased")
        total = self.node("Add", [biased, skip], f"{output}.total")
        norm = [self.weight(f"{block}.LayerNorm.weight"), self.weight(f"{block}.LayerNorm.bias")]
        return self.node("LayerNormalization", [total, *norm], output, axis=-1, epsilon=EPSILON)


def _embeddings(graph: _Graph) -> tuple[str, str]:
    """Hidden states (batch, length, 384) and each text's number of tokens (batch,), from ids and mask."""
    from onnx import helper

    w = graph.weights
    # Every token is of type 0 here, so that type's vector is added to the positions once and for all.
    positions = w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]
    tables = [graph.weight("embeddings.word_embeddings.weight"), graph.constant("positions", positions)]
    norm = [graph.weight("embeddings.LayerNorm.weight"), graph.weight("embeddings.LayerNorm.bias")]
    inputs = ["input_ids", "", *tables, "", *norm, "attention_mask"]
    outputs = ["embedded", "lengths"]
    graph.nodes.append(
        helper.make_node("EmbedLayerNormalization", inputs, outputs, domain=FUSED, epsilon=EPSILON)
    )
    return "embedded", "lengths"


def _layer(graph: _Graph, number: int, x: str, lengths: str, output: str) -> str:
    """One post-norm transformer layer."""
    prefix, w = f"encoder.layer.{number}", graph.weights
    parts = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
    matrix = graph.constant(f"{prefix}.qkv.matrix", np.concatenate([w[f"{part}.weight"] for part in parts]).T)
    bias = graph.constant(f"{prefix}.qkv.bias", np.concatenate([w[f"{part}.bias"] for part in parts]))
    context = graph.node("Attention", [x, matrix, bias, lengths], f"context{number}", FUSED, num_heads=HEADS)
    projected = graph.matmul(context, f"{prefix}.attention.output.dense", f"projected{number}")
    attended = graph.add_and_norm(projected, x, f"{prefix}.attention.output", f"attended{number}")
    wide = graph.matmul(attended, f"{prefix}.intermediate.dense", f"wide{number}")
    wide_bias = graph.weight(f"{prefix}.intermediate.dense.bias")
    active = graph.node("BiasGelu", [wide, wide_bias], f"active{number}", FUSED)
    narrow = graph.matmul(active, f"{prefix}.output.dense", f"narrow{number}")
    return graph.add_and_norm(narrow, attended, f"{prefix}.output", output)


def _pool(graph: _Graph, hidden: str) -> None:
    """Masked sum and L2 norm; the norm cancels the mean's division."""
    from onnx import TensorProto

    axis = graph.constant("axis", np.array([1]))
    mask = graph.node("Cast", ["attention_mask"], "mask_float", to=TensorProto.FLOAT)
    row = graph.node("Unsqueeze", [mask, axis], "mask_row")
    total = graph.node("Squeeze", [graph.node("MatMul", [row, hidden], "total_row"), axis], "total")
    graph.node("LpNormalization", [total], "pooled", axis=-1, p=2)


def build(weights: Weights) -> Any:
    """The model (onnx.ModelProto).

    Inputs, int32 (batch, length), padded on the right: input_ids, attention_mask. Outputs, float32:
    hidden (batch, length, 384), the last hidden states; pooled (batch, 384), unit length.
    """
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    x, lengths = _embeddings(graph)
    for number in range(LAYERS):
        x = _layer(graph, number, x, lengths, "hidden" if number == LAYERS - 1 else f"layer{number}")
    _pool(graph, x)
    tensor = helper.make_tensor_value_info
    tokens = ["batch", "length"]
    inputs = [tensor(name, TensorProto.INT32, tokens) for name in ("input_ids", "attention_mask")]
    outputs = [
        tensor("hidden", TensorProto.FLOAT, [*tokens, HIDDEN]),
        tensor("pooled", TensorProto.FLOAT, ["batch", HIDDEN]),
    ]
    body = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, graph.constants)
    operators = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(body, opset_imports=operators, ir_version=10)


def write(weights_file: Path, target: Path) -> None:
    """Build the model of `weights_file` (safetensors) and put it at `target` in one step.

    Raises OSError when the disk does not take it; a half-written file never has the target's name.
    """
    import tempfile

    from safetensors.numpy import load_file

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
        try:
            part.write(build(load_file(weights_file)).SerializeToString())
            part.close()
            Path(part.name).replace(target)
        finally:
            Path(part.name).unlink(missing_ok=True)
