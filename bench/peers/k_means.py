"""Clusters the rows that a benchmark of ours wrote with scikit-learn's KMeans.

usage: python k_means.py ROWS.csv --clusters 4 [--drop id,target,split]

Numbers are standardised. Prints one JSON object: the measures of the clusters and the fit's seconds.
"""

import argparse
import json
import time

import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.preprocessing import StandardScaler


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows")
    parser.add_argument("--clusters", type=int, required=True)
    parser.add_argument("--drop", default="", type=lambda text: [x for x in text.split(",") if x])
    options = parser.parse_args()

    rows = pd.read_csv(options.rows).drop(columns=options.drop)
    started = time.time()
    points = StandardScaler().fit_transform(rows)
    model = KMeans(options.clusters, n_init=10, random_state=42).fit(points)
    seconds = time.time() - started
    print(
        json.dumps(
            {
                "peer": "KMeans",
                "fitSeconds": seconds,
                "silhouette": silhouette_score(points, model.labels_),
                "calinskiHarabasz": calinski_harabasz_score(points, model.labels_),
                "daviesBouldin": davies_bouldin_score(points, model.labels_),
                "inertia": model.inertia_,
            }
        )
    )


if __name__ == "__main__":
    main()
