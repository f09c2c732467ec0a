import { type ReviewSettings, type Settings, settingsSchema } from '../contracts/settings.ts';
import { faultsOfIssues, type Path, unknownName } from './fault.ts';
import { type Place, type Problem, readYaml } from './yaml-file.ts';

export type PipelineSettings = Settings['pipelines'][string];

/** What a settings file says of each pipeline, as it stands there. */
export type SettingsFile = {
  file: string;
  ofPipeline(name: string): PipelineSettings | undefined;
  locate(path: Path): Place;
  problems: readonly Problem[];
};

/** @param known names of the pipelines there are, also of those whose declarations are faulty */
export function readSettings(file: string, known: readonly string[]): SettingsFile {
  const { value, locate, problems } = readYaml(file, 'settings file');
  if (value === undefined) return { file, ofPipeline: () => undefined, locate, problems };
  const parsed = settingsSchema.safeParse(value);
  const pipelines = parsed.success ? parsed.data.pipelines : {};
  const faults = [
    ...faultsOfIssues(parsed.error?.issues ?? [], value),
    ...Object.keys(pipelines).flatMap((name) => unknownName(['pipelines', name], 'pipeline', name, known)),
  ];
  return {
    file,
    ofPipeline: (name) => (Object.hasOwn(pipelines, name) ? pipelines[name] : undefined),
    locate,
    problems: [...problems, ...faults.map(({ path, message }) => ({ place: locate(path), path, message }))],
  };
}

/** What the file says of reviews, and the defaults of what it does not. One with faults is refused by `readSettings`. */
export function readReviewSettings(file: string | undefined): ReviewSettings {
  const { value = {} } = file === undefined ? {} : readYaml(file, 'settings file');
  const parsed = settingsSchema.safeParse(value);
  return (parsed.success ? parsed.data : settingsSchema.parse({})).reviews;
}
