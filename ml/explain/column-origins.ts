import { featureName } from '../recipe/features/registry.ts';
import { encodeOperations, type FittedRecipe } from '../recipe/recipe.ts';

/**
 * Recipe output column → the declared feature it was made from: a level's column and a filled value's indicator come
 * from their category and their number. Every encode step reads one column, so there is one origin.
 */
export function columnOrigins(fitted: Pick<FittedRecipe, 'features' | 'steps'>): ReadonlyMap<string, string> {
  const origins = new Map(fitted.features.map((step) => [featureName(step), featureName(step)]));
  const derive = (names: readonly string[], from: string) => {
    const origin = origins.get(from) ?? from;
    for (const name of names) origins.set(name, origin);
  };
  for (const operation of encodeOperations(fitted)) {
    switch (operation.op) {
      case 'copy':
      case 'unary':
      case 'missing':
      case 'category':
      case 'lookup':
        derive([operation.as], operation.from);
        break;
      case 'expand':
      case 'sparse':
        derive(operation.names, operation.from);
        break;
      case 'keep':
      case 'drop':
      case 'scale':
      case 'fill':
      case 'codes':
        break;
      case 'binary':
      case 'equal':
      case 'cross':
      case 'join':
        throw new RangeError(`'${operation.as}' is made from several columns: it has no one origin`);
      default:
        operation satisfies never;
    }
  }
  return origins;
}
