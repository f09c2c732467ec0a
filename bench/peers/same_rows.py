"""Trains scikit-learn, LightGBM, XGBoost and CatBoost on exactly the rows and the split that a benchmark of ours wrote.

usage: python same_rows.py ROWS.csv --target COLUMN --task regression|binary [--categorical a,b] [--drop id] [--only gb,rf]
       [--threshold f1Weighted|f1|championScore]

ROWS has one row an entity: features before any fitted preparation, the target, and a column `split` of `train` and
`test`. Prints one JSON object a peer: its metrics on the test rows and its fit seconds. Numbers are imputed by the
median of the training rows, categories one-hot encoded with at most 50 levels; CatBoost takes categories and gaps as
they are. A peer whose package is absent is left out. With --threshold the labels are decided
at the probability that is best by that metric on out-of-fold predictions of the training rows, else at 0.4.
"""

import argparse
import copy
import json
import tempfile
import time
import warnings

import lightgbm
import numpy as np
import pandas as pd
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, r2_score, recall_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

try:
    import catboost
except ImportError:
    catboost = None
try:
    from xgboost import XGBRFClassifier
except ImportError:
    XGBRFClassifier = None

warnings.filterwarnings("ignore")

MAX_LEVELS = 50
# The threshold and the weights of the pipeline's champion score.
THRESHOLD = 0.4
FOLDS = 10

CATBOOST = {"iterations": 300, "thread_count": 2, "verbose": 0, "train_dir": tempfile.gettempdir()}
NETWORK = {"hidden_layer_sizes": (64, 32), "max_iter": 200, "early_stopping": True, "random_state": 0}
FOREST = {"n_estimators": 100, "n_jobs": 2, "min_samples_leaf": 5, "random_state": 0}


def regressors(categorical):
    models = {
        "linear": LinearRegression(),
        "gb": GradientBoostingRegressor(random_state=0),
        "hist": HistGradientBoostingRegressor(random_state=0),
        "rf": RandomForestRegressor(**FOREST),
        "ada": AdaBoostRegressor(random_state=0),
        "mlp": make_pipeline(StandardScaler(), MLPRegressor(**NETWORK)),
        "lgbm": lightgbm.LGBMRegressor(verbose=-1),
    }
    if catboost is not None:
        models["catboost"] = catboost.CatBoostRegressor(cat_features=categorical, **CATBOOST)
    return models


def classifiers(categorical):
    models = {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        "logistic-balanced": make_pipeline(
            StandardScaler(), LogisticRegression(max_iter=1000, class_weight="balanced")
        ),
        "gb": GradientBoostingClassifier(random_state=0),
        "hist": HistGradientBoostingClassifier(random_state=0),
        "hist-balanced": HistGradientBoostingClassifier(random_state=0, class_weight="balanced"),
        "rf": RandomForestClassifier(class_weight="balanced", **FOREST),
        "ada": AdaBoostClassifier(random_state=0),
        "mlp": make_pipeline(StandardScaler(), MLPClassifier(**NETWORK)),
        "lgbm": lightgbm.LGBMClassifier(verbose=-1),
    }
    if XGBRFClassifier is not None:
        models["xgbrf"] = XGBRFClassifier(random_state=0, n_jobs=2)
    if catboost is not None:
        models["catboost"] = catboost.CatBoostClassifier(cat_features=categorical, **CATBOOST)
        models["catboost-balanced"] = catboost.CatBoostClassifier(
            cat_features=categorical, auto_class_weights="Balanced", **CATBOOST
        )
    return models


def as_they_are(rows, categorical):
    numbers = rows.drop(columns=categorical).apply(pd.to_numeric, errors="coerce").astype(float)
    return numbers.assign(**{name: rows[name].fillna("missing").astype(str) for name in categorical})


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


def f1_of(metric, truth, decided):
    return f1_score(truth, decided, average="weighted" if metric == "f1Weighted" else "binary")


def rows_of(features, places):
    return features.iloc[places] if isinstance(features, pd.DataFrame) else features[places]


def chosen_threshold(metric, model, features, truth):
    """Of 0.5 and the midpoints between neighbouring out-of-fold probabilities, the best; of equal ones the nearest to 0.5."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    probability = np.empty(len(truth))
    for inside, outside in folds.split(features, truth):
        # A copy, for scikit-learn's own cannot clone CatBoost with categories.
        fitted = copy.deepcopy(model).fit(rows_of(features, inside), truth[inside])
        probability[outside] = fitted.predict_proba(rows_of(features, outside))[:, 1]
    levels = np.unique(probability)
    candidates = np.append((levels[1:] + levels[:-1]) / 2, 0.5)
    # Counts at every candidate at once: scikit-learn's own scores would take longer than the fits.
    positives, negatives = np.sort(probability[truth == 1]), np.sort(probability[truth == 0])
    hits = len(positives) - np.searchsorted(positives, candidates)
    alarms = len(negatives) - np.searchsorted(negatives, candidates)
    rejected = len(negatives) - alarms
    f1 = 2 * hits / (len(positives) + hits + alarms)
    f1_negative = 2 * rejected / (len(negatives) + rejected + len(positives) - hits)
    if metric == "f1":
        score = f1
    elif metric == "f1Weighted":
        score = (f1 * len(positives) + f1_negative * len(negatives)) / len(truth)
    else:
        score = 0.5 * f1_negative + 0.3 * rejected / len(negatives) + 0.2 * (hits + rejected) / len(truth)
    return max(zip(score, -abs(candidates - 0.5), candidates))[2]


def binary_metrics(model, features, truth, threshold):
    probability = model.predict_proba(features)[:, 1]
    decided = probability >= threshold
    champion = (
        0.5 * f1_score(truth, decided, pos_label=0)
        + 0.3 * recall_score(truth, decided, pos_label=0)
        + 0.2 * accuracy_score(truth, decided)
    )
    return {
        "rocAuc": roc_auc_score(truth, probability),
        "championScore": champion,
        "f1": f1_of("f1", truth, decided),
        "f1Weighted": f1_of("f1Weighted", truth, decided),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows")
    parser.add_argument("--target", required=True)
    parser.add_argument("--task", choices=["regression", "binary"], required=True)
    for name in ("categorical", "drop", "only"):
        parser.add_argument(f"--{name}", default="", type=lambda text: [x for x in text.split(",") if x])
    parser.add_argument("--threshold", choices=["f1Weighted", "f1", "championScore"])
    options = parser.parse_args()

    rows = pd.read_csv(options.rows)
    train = (rows["split"] == "train").to_numpy()
    regression = options.task == "regression"
    target = rows[options.target].to_numpy(dtype=float if regression else int)
    columns = rows.drop(columns=[options.target, "split", *options.drop])
    wide, plain = prepare(columns, train, options.categorical), as_they_are(columns, options.categorical)
    models = (regressors if regression else classifiers)(options.categorical)
    for name, model in models.items():
        features = plain if name.startswith("catboost") else wide
        if options.only and name not in options.only:
            continue
        started = time.time()
        model.fit(features[train], target[train])
        seconds = time.time() - started
        if regression:
            metrics = regression_metrics(model, features[~train], target[~train])
        else:
            # Clones are fitted on the folds; the model itself stays as it is.
            threshold = (
                chosen_threshold(options.threshold, model, features[train], target[train])
                if options.threshold
                else THRESHOLD
            )
            metrics = binary_metrics(model, features[~train], target[~train], threshold)
        line = {"peer": name, "fitSeconds": round(seconds, 3)}
        print(json.dumps(line | {key: round(float(value), 5) for key, value in metrics.items()}), flush=True)


if __name__ == "__main__":
    main()
