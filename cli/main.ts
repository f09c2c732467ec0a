import { Command } from 'commander';
import { ConfigError } from '../config/config.ts';
import { addArtifactsCommand } from './commands/artifacts.ts';
import { addDataCommands } from './commands/data.ts';
import { addDemoDataCommand } from './commands/demo-data.ts';
import { addExportCommands } from './commands/export.ts';
import { addInitCommand } from './commands/init.ts';
import { addModelsCommands } from './commands/models.ts';
import { addPipelinesCommand } from './commands/pipelines.ts';
import { addPredictCommands } from './commands/predict.ts';
import { addReviewsCommands } from './commands/reviews.ts';
import { addRunCommand } from './commands/run.ts';
import { addRunsCommands } from './commands/runs.ts';
import { addSchedulesCommand } from './commands/schedules.ts';
import { addSearchCommand } from './commands/search.ts';
import { addSettingsCommand } from './commands/settings.ts';
import { addValidateCommand } from './commands/validate.ts';
import { CommandError, exitCodes } from './exit.ts';

function createProgram(): Command {
  const program = new Command('perennial')
    .description(
      'Train, deploy and ask the models of a Perennial service (PERENNIAL_URL, PERENNIAL_API_KEY).',
    )
    .option('--json', 'answer in JSON')
    .configureHelp({ showGlobalOptions: true });
  addPipelinesCommand(program);
  addInitCommand(program);
  addRunCommand(program);
  addSearchCommand(program);
  addRunsCommands(program);
  addArtifactsCommand(program);
  addValidateCommand(program);
  addModelsCommands(program);
  addExportCommands(program);
  addPredictCommands(program);
  addSchedulesCommand(program);
  addSettingsCommand(program);
  addReviewsCommands(program);
  addDataCommands(program);
  addDemoDataCommand(program);
  return program;
}

/** A reader that has seen enough, such as `head`, is no error: what is left to say has nobody to read it. */
function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
endWithReader(process.stdout);
endWithReader(process.stderr);

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommandError || error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof CommandError ? error.exitCode : exitCodes.usage;
}
