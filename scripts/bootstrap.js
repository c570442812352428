'use strict';

/*
 * The one door of the project: `npm start`, `npm test` and `npm run check` all come through here.
 *
 * It prepares what is missing (packages from the lock file, then the build) and hands over to the real command.
 * It is plain JavaScript without a dependency, because it runs before anything is installed, and this file keeps to
 * syntax that a very old Node can parse, so that such a Node answers with a sentence and not with a stack trace.
 */

var nodeVersion = require('./setup/node-version');

var complaint = nodeVersion.complaintAbout(process.versions.node);
if (complaint) {
  process.stderr.write(complaint + '\n');
  process.exit(nodeVersion.EXIT_CODE);
}

require('./setup/main').main(process.argv.slice(2));
