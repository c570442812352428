#!/usr/bin/env node
import { devnetCommand, reportFailure } from './command';

devnetCommand()
  .parseAsync(process.argv)
  .catch((error: unknown) => {
    process.exitCode = reportFailure(error);
  });
