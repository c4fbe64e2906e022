"""The average of trained weights: often better than each of them (Wortsman et al. 2022).

python -m training.average --weights FILE.safetensors --weights FILE.safetensors --out FILE.safetensors
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


def main() -> None:
    """Write the average of weights that began as the same ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, action="append")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    several = [load_file(file) for file in arguments.weights]
    average = {name: torch.stack([one[name] for one in several]).mean(0) for name in several[0]}
    save_file(average, arguments.out)


if __name__ == "__main__":
    main()
