"""Counts the words of reviews and fits scikit-learn's topic models to the counts.

usage: python topics.py count REVIEWS.csv ... --to COUNTS.json
       python topics.py fit COUNTS.json --method lda|nmf --topics 8 --seed 42

`count` writes the terms and the counts by row, compressed sparse rows, and prints how many there are. `fit` prints one
JSON object: the mean NPMI of the topics, their words, and the seconds of the fit on the wall and of the processor.
"""

import argparse
import json
import time

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

WORDS = 10


def count(files, to):
    reviews = pd.concat([pd.read_csv(file) for file in files])
    texts = (reviews.title.fillna("") + " . " + reviews.text.fillna("")).astype(object)
    vectorizer = CountVectorizer(stop_words="english", min_df=5, max_df=0.5, max_features=3000)
    counts = vectorizer.fit_transform(texts.to_numpy())
    counts.sort_indices()
    with open(to, "w") as file:
        json.dump(
            {
                "terms": vectorizer.get_feature_names_out().tolist(),
                "offsets": counts.indptr.tolist(),
                "indices": counts.indices.tolist(),
                "counts": counts.data.tolist(),
            },
            file,
        )
    print(json.dumps({"documents": counts.shape[0], "terms": counts.shape[1], "tokens": int(counts.sum())}))


def npmi(components, counts):
    """Mean over topics of the mean over pairs of their ten words, by the documents that hold both."""
    present = (counts > 0).astype(int)
    documents = present.shape[0]
    single = np.asarray(present.sum(0)).ravel() / documents
    both = (present.T @ present).toarray() / documents
    values = []
    for component in components:
        top = component.argsort()[-WORDS:]
        for i in range(WORDS):
            for j in range(i):
                a, b = top[i], top[j]
                p = both[a, b]
                values.append(-1 if p == 0 else np.log(p / (single[a] * single[b])) / -np.log(p))
    return float(np.mean(values))


def fit(path, method, topics, seed):
    with open(path) as file:
        stored = json.load(file)
    terms = stored["terms"]
    shape = (len(stored["offsets"]) - 1, len(terms))
    counts = csr_matrix((stored["counts"], stored["indices"], stored["offsets"]), shape=shape)
    if method == "lda":
        model, rows = LatentDirichletAllocation(topics, random_state=seed, max_iter=10), counts
    else:
        model, rows = NMF(topics, random_state=seed, max_iter=300), TfidfTransformer().fit_transform(counts)
    started, busy = time.time(), time.process_time()
    model.fit(rows)
    seconds, processor = time.time() - started, time.process_time() - busy
    print(
        json.dumps(
            {
                "npmi": npmi(model.components_, counts),
                "seconds": seconds,
                "processorSeconds": processor,
                "words": [[terms[i] for i in c.argsort()[::-1][:WORDS]] for c in model.components_],
            }
        )
    )


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    counting = commands.add_parser("count")
    counting.add_argument("files", nargs="+")
    counting.add_argument("--to", required=True)
    fitting = commands.add_parser("fit")
    fitting.add_argument("counts")
    fitting.add_argument("--method", choices=["lda", "nmf"], required=True)
    fitting.add_argument("--topics", type=int, default=8)
    fitting.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    if options.command == "count":
        count(options.files, options.to)
    else:
        fit(options.counts, options.method, options.topics, options.seed)


if __name__ == "__main__":
    main()
