"""Trains LightGBM on Olist, one fit for each line it reads; the other side of `bench/boosting.ts`.

usage: python boosting.py OLIST_FOLDER OUT_FOLDER --splits 10 --scale 15

Writes the table into OUT_FOLDER, little-endian and row-major: `features.f64`, `target.f64` and, for each split, the
rows of both sides as `train-<split>.i32` and `test-<split>.i32`; then prints one JSON line of sizes. After that each
line `<split> <threads>` of its input is answered by one JSON line. Training rows are repeated `scale` times.
"""

import argparse
import json
import os
import sys
import time
import warnings

import lightgbm
import numpy as np
from olist_table import load
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

warnings.filterwarnings("ignore")

FIRST_SEED = 42


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--scale", type=int, default=15)
    options = parser.parse_args()
    frame, score = load(options.data)
    features, target = frame.to_numpy(dtype="<f8"), score.astype("<f8")
    features.tofile(os.path.join(options.out, "features.f64"))
    target.tofile(os.path.join(options.out, "target.f64"))
    splits = []
    for split in range(options.splits):
        train, test = train_test_split(
            np.arange(len(target)), test_size=0.2, random_state=FIRST_SEED + split, stratify=target >= 4
        )
        train.astype("<i4").tofile(os.path.join(options.out, f"train-{split}.i32"))
        test.astype("<i4").tofile(os.path.join(options.out, f"test-{split}.i32"))
        splits.append((np.tile(train, options.scale), test))
    print(json.dumps({"columns": features.shape[1], "version": lightgbm.__version__}), flush=True)
    for line in sys.stdin:
        split, threads = map(int, line.split())
        train, test = splits[split]
        X, y = features[train], target[train]
        model = lightgbm.LGBMRegressor(n_jobs=threads, random_state=42, verbose=-1)
        started, cpu = time.perf_counter(), time.process_time()
        model.fit(X, y)
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
        r2 = r2_score(target[test], model.predict(features[test]))
        started = time.perf_counter()
        model.predict(X, num_threads=threads)
        predict_seconds = time.perf_counter() - started
        answer = {
            "seconds": seconds,
            "cpuSeconds": cpu_seconds,
            "r2": r2,
            "rowsPerSecond": len(X) / predict_seconds,
        }
        print(json.dumps(answer), flush=True)
