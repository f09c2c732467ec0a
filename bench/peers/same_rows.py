"""Trains scikit-learn and LightGBM on exactly the rows and the split that a benchmark of ours wrote.

usage: python same_rows.py ROWS.csv --target COLUMN --task regression|binary [--categorical a,b] [--drop id] [--only gb,rf]

ROWS has one row an entity: features before any fitted preparation, the target, and a column `split` of `train` and
`test`. Prints one JSON object a peer: its metrics on the test rows and its fit seconds. Numbers are imputed by the
median of the training rows, categories one-hot encoded with at most 50 levels.
"""

import argparse
import json
import time
import warnings

import lightgbm
import numpy as np
import pandas as pd
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, r2_score, recall_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")

MAX_LEVELS = 50
# The threshold and the weights of the pipeline's champion score.
THRESHOLD = 0.4

REGRESSORS = {
    "linear": LinearRegression(),
    "gb": GradientBoostingRegressor(random_state=0),
    "rf": RandomForestRegressor(100, n_jobs=2, min_samples_leaf=5, random_state=0),
    "lgbm": lightgbm.LGBMRegressor(verbose=-1),
}
CLASSIFIERS = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "gb": GradientBoostingClassifier(random_state=0),
    "rf": RandomForestClassifier(
        100, n_jobs=2, min_samples_leaf=5, class_weight="balanced", random_state=0
    ),
    "lgbm": lightgbm.LGBMClassifier(verbose=-1),
}


def prepare(rows, train, categorical):
    numbers = [column for column in rows if column not in categorical]
    dense = rows[numbers].apply(pd.to_numeric, errors="coerce").astype(float)
    parts = [dense.fillna(dense.loc[train].median())]
    for column in categorical:
        levels = rows[column].fillna("missing").astype(str)
        frequent = levels[train].value_counts().index[:MAX_LEVELS]
        parts.append(pd.get_dummies(levels.where(levels.isin(frequent), "other"), prefix=column).astype(float))
    return pd.concat(parts, axis=1).to_numpy()


def regression_metrics(model, features, truth):
    predicted = model.predict(features)
    return {"r2": r2_score(truth, predicted), "rmse": float(np.mean((truth - predicted) ** 2) ** 0.5)}


def binary_metrics(model, features, truth):
    probability = model.predict_proba(features)[:, 1]
    decided = probability >= THRESHOLD
    champion = (
        0.5 * f1_score(truth, decided, pos_label=0)
        + 0.3 * recall_score(truth, decided, pos_label=0)
        + 0.2 * accuracy_score(truth, decided)
    )
    return {"rocAuc": roc_auc_score(truth, probability), "championScore": champion}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows")
    parser.add_argument("--target", required=True)
    parser.add_argument("--task", choices=["regression", "binary"], required=True)
    for name in ("categorical", "drop", "only"):
        parser.add_argument(f"--{name}", default="", type=lambda text: [x for x in text.split(",") if x])
    options = parser.parse_args()

    rows = pd.read_csv(options.rows)
    train = (rows["split"] == "train").to_numpy()
    regression = options.task == "regression"
    target = rows[options.target].to_numpy(dtype=float if regression else int)
    features = prepare(
        rows.drop(columns=[options.target, "split", *options.drop]), train, options.categorical
    )
    for name, model in (REGRESSORS if regression else CLASSIFIERS).items():
        if options.only and name not in options.only:
            continue
        started = time.time()
        model.fit(features[train], target[train])
        seconds = time.time() - started
        measure = regression_metrics if regression else binary_metrics
        metrics = measure(model, features[~train], target[~train])
        line = {"peer": name, "fitSeconds": round(seconds, 3)}
        print(json.dumps(line | {key: round(float(value), 5) for key, value in metrics.items()}), flush=True)


if __name__ == "__main__":
    main()
