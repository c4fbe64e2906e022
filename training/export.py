"""The trained reader as an int8 ONNX file with its checksum.

python -m training.export --weights reader.safetensors [--out FILE]
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tools.embed.onnx_graph import build
from tools.weights import FOLDER


def quantised(model: Any, target: Path) -> None:
    """Write the model with int8 weights; activations are quantised as they come."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        onnx.save(model, whole)
        options = {"DefaultTensorType": onnx.TensorProto.FLOAT}  # of what the fused operators give
        quantize_dynamic(whole, target, weight_type=QuantType.QInt8, per_channel=True, extra_options=options)


def main() -> None:
    """Write the file, and its SHA-256 beside it."""
    from onnx import helper
    from safetensors.numpy import load_file

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FOLDER / "reader.onnx")
    arguments = parser.parse_args()
    weights = {name: values.astype(np.float32) for name, values in load_file(arguments.weights).items()}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    model = build(weights)
    scales = [round(float(value), 4) for value in weights["scales"]]
    helper.set_model_props(model, {"scales": json.dumps(scales)})
    quantised(model, arguments.out)
    digest = hashlib.sha256(arguments.out.read_bytes()).hexdigest()
    arguments.out.with_suffix(".sha256").write_text(f"{digest}\n")


if __name__ == "__main__":
    main()
