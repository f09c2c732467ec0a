/** The package ships no types; these are the parts in use, of version 2.1.1. */
declare module 'ml-cart' {
  /** A leaf has a `distribution` and no children; rows below `splitValue` go left. */
  export type TreeNode = {
    distribution?: number;
    splitColumn?: number;
    splitValue?: number;
    /** The squared error that the split leaves. */
    gain?: number;
    left?: TreeNode;
    right?: TreeNode;
  };
  export type RegressionTree = {
    name: 'DTRegression';
    options: { kind: 'regression'; [option: string]: unknown };
    root: TreeNode;
  };

  export class DecisionTreeRegression {
    constructor(options?: { minNumSamples?: number; maxDepth?: number; gainThreshold?: number });
    /** Quadratic in the rows. */
    train(rows: number[][], target: number[]): void;
    predict(rows: number[][]): number[];
    toJSON(): RegressionTree;
    static load(model: RegressionTree): DecisionTreeRegression;
  }
}
