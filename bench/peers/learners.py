"""Trains one learner of XGBoost or scikit-learn on a table of numbers; the other side of `bench/learners.ts`.

usage: python learners.py FOLDER COLUMNS LEARNER...

FOLDER has `train.f64` and `test.f64` (little-endian, row-major, no missing values) and `train-target.f64`. Writes the
predictions on the test rows, probabilities of class 1 for classifiers, as `LEARNER.f64`, and prints one JSON line a
learner: its name, its library's version, and the seconds of its fit and of its answers for the training rows. Uses
one thread.
"""

import json
import os
import sys
import time
import warnings

# Read when numpy loads.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import sklearn
import xgboost
from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore")

LEARNERS = {
    "XGBRFClassifier": lambda: xgboost.XGBRFClassifier(random_state=0, n_jobs=1),
    "XGBRFRegressor": lambda: xgboost.XGBRFRegressor(random_state=0, n_jobs=1),
    "AdaBoostClassifier": lambda: AdaBoostClassifier(
        DecisionTreeClassifier(max_depth=2), n_estimators=100, learning_rate=0.5, random_state=0
    ),
    "AdaBoostRegressor": lambda: AdaBoostRegressor(random_state=0),
    # Ours standardise inside.
    "Ridge": lambda: make_pipeline(StandardScaler(), Ridge()),
    "LogisticRegression": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "KNeighborsClassifier": lambda: make_pipeline(
        StandardScaler(), KNeighborsClassifier(30, algorithm="brute", n_jobs=1)
    ),
    "MLPClassifier": lambda: make_pipeline(
        StandardScaler(),
        MLPClassifier((64, 32), alpha=1, batch_size=128, early_stopping=True, max_iter=200, random_state=0),
    ),
}


def main():
    folder, columns, *names = sys.argv[1:]

    def read(name):
        return np.fromfile(os.path.join(folder, name), dtype="<f8")

    train, test = (read(name).reshape(-1, int(columns)) for name in ("train.f64", "test.f64"))
    target = read("train-target.f64")
    for name in names:
        model = LEARNERS[name]()
        started = time.perf_counter()
        model.fit(train, target)
        seconds = time.perf_counter() - started
        predicted = model.predict_proba(test)[:, 1] if hasattr(model, "predict_proba") else model.predict(test)
        started = time.perf_counter()
        model.predict_proba(train) if hasattr(model, "predict_proba") else model.predict(train)
        predict_seconds = time.perf_counter() - started
        predicted.astype("<f8").tofile(os.path.join(folder, f"{name}.f64"))
        library = xgboost if name.startswith("XGB") else sklearn
        line = {
            "learner": name,
            "library": f"{library.__name__} {library.__version__}",
            "fitSeconds": seconds,
            "predictSeconds": predict_seconds,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
