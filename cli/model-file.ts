import { ArtifactError, isContainer } from '../ml/artifact/container.ts';
import { type Artifact, decodeArtifact } from '../ml/artifact.ts';
import { NotExplainable } from '../ml/explain/explainer.ts';
import { exportLightGbm, exportOnnx } from '../ml/export/export-model.ts';
import { NotExportable } from '../ml/export/not-exportable.ts';
import { exportRecipe } from '../ml/export/recipe-json.ts';
import { verifyGoldenRows } from '../ml/scorer.ts';
import { CommandError } from './exit.ts';

export type ModelFormat = 'native' | 'lightgbm' | 'onnx' | 'recipe';

/**
 * The files that a whole version is in a form, with their paths.
 * @throws CommandError where its learner has no such form
 */
export function contentsOf(
  format: ModelFormat,
  file: string,
  bytes: Uint8Array,
): [path: string, content: Uint8Array][] {
  if (format === 'native') return [[file, bytes]];
  const artifact = readModel(file, bytes);
  const encode = (text: string) => new TextEncoder().encode(text);
  return refusedAs(file, () => {
    switch (format) {
      case 'recipe':
        return [[file, encode(exportRecipe(artifact))]];
      case 'lightgbm': {
        const { model, rows } = exportLightGbm(artifact);
        return [
          [file, encode(model)],
          [`${file}.rows.csv`, encode(rows)],
        ];
      }
      case 'onnx': {
        const { model, rows } = exportOnnx(artifact);
        return [
          [file, model],
          [`${file}.rows.csv`, encode(rows)],
        ];
      }
      default:
        return format satisfies never;
    }
  });
}

/**
 * Scores the rows that a whole version carries.
 * @throws CommandError where the file is none
 */
export function checkModel(
  file: string,
  bytes: Uint8Array,
  tolerance: number,
): { learner: string; rows: number; mismatches: ReturnType<typeof verifyGoldenRows> } {
  const artifact = readWholeModel(file, bytes);
  const mismatches = refusedAs(file, () => verifyGoldenRows(artifact, tolerance));
  return { learner: artifact.learner.name, rows: artifact.goldenRows.length, mismatches };
}

/** @throws CommandError that says which form is checked, where the file is of another */
function readWholeModel(file: string, bytes: Uint8Array): Artifact {
  if (isContainer(bytes)) return readModel(file, bytes);
  throw new CommandError(
    `${file}: check-model takes a whole version, as \`export\` writes it without --format; this file does not begin with "PERENNIA". LightGBM and ONNX files have their rows beside them, in a .rows.csv, to be checked by their own libraries`,
  );
}

function readModel(file: string, bytes: Uint8Array): Artifact {
  return refusedAs(file, () => decodeArtifact(bytes));
}

/** What a model that is damaged, of another build or of the wrong kind is refused with, under the name of its file. */
function refusedAs<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const isKnown =
      error instanceof ArtifactError ||
      error instanceof NotExportable ||
      error instanceof NotExplainable ||
      error instanceof RangeError;
    throw isKnown ? new CommandError(`${file}: ${error.message}`) : error;
  }
}
