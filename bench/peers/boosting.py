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
import pandas as pd
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

warnings.filterwarnings("ignore")

FIRST_SEED = 42
AS_THEY_ARE = [
    "price", "freight_value", "n_items", "payment_value", "payment_installments", "payment_sequential",
    "product_weight_g", "product_length_cm", "product_height_cm", "product_width_cm", "product_photos_qty",
    "customer_zip_code_prefix",
]  # fmt: skip


def load(folder):
    """One row an order: 22 numbers without gaps, and the review score."""
    read = lambda name: pd.read_csv(os.path.join(folder, f"olist_{name}_dataset.csv"))
    orders = read("orders")
    for column in orders.columns[3:]:
        orders[column] = pd.to_datetime(orders[column], errors="coerce")
    reviews = read("order_reviews").drop_duplicates("order_id")[["order_id", "review_score"]]
    items = (
        read("order_items")
        .groupby("order_id")
        .agg(
            price=("price", "sum"),
            freight_value=("freight_value", "sum"),
            n_items=("order_item_id", "max"),
            product_id=("product_id", "first"),
            seller_id=("seller_id", "first"),
        )
        .reset_index()
    )
    payments = (
        read("order_payments")
        .groupby("order_id")
        .agg(
            payment_value=("payment_value", "sum"),
            payment_installments=("payment_installments", "max"),
            payment_sequential=("payment_sequential", "max"),
        )
        .reset_index()
    )
    d = orders.merge(reviews, on="order_id").merge(items, on="order_id", how="left")
    for name, key in [("products", "product_id"), ("customers", "customer_id"), ("sellers", "seller_id")]:
        d = d.merge(read(name), on=key, how="left")
    d = d.merge(payments, on="order_id", how="left")
    days = lambda a, b: (d[a] - d[b]).dt.total_seconds() / 86400
    delivered = "order_delivered_customer_date"
    purchased = "order_purchase_timestamp"
    f = pd.DataFrame(
        {
            "delivery_time_days": days(delivered, purchased),
            "estimated_delivery_days": days("order_estimated_delivery_date", purchased),
            "expectation_gap": days(delivered, "order_estimated_delivery_date"),
            "carrier_handling_time": days("order_delivered_carrier_date", "order_approved_at"),
            "delivered": (d.order_status == "delivered").astype(int),
            "freight_ratio": d.freight_value / (d.price + 1e-9),
            "month": d[purchased].dt.month,
            "weekday": d[purchased].dt.day_of_week,
            "same_state": (d.customer_state == d.seller_state).astype(int),
        }
    )
    f["is_late"] = (f.expectation_gap > 0).astype(int)
    for column in AS_THEY_ARE:
        f[column] = d[column]
    return f.fillna(f.median()).to_numpy(dtype="<f8"), d.review_score.to_numpy(dtype="<f8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--scale", type=int, default=15)
    options = parser.parse_args()
    features, target = load(options.data)
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
