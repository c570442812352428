'use strict';

/* Old syntax on purpose: see bootstrap.js. */

var REQUIRED = [20, 20, 0];

/** The exit code for a Node that cannot run the project. */
var EXIT_CODE = 3;

/**
 * Compares a version such as `20.20.2` with the oldest one the project runs on.
 * Returns a sentence that says what to do, or an empty string if the version will do.
 */
function complaintAbout(version) {
  var parts = String(version).split('-')[0].split('.');
  for (var index = 0; index < REQUIRED.length; index += 1) {
    var have = parseInt(parts[index], 10) || 0;
    if (have > REQUIRED[index]) return '';
    if (have < REQUIRED[index]) {
      return (
        'FlexLedger needs Node ' +
        REQUIRED.slice(0, 2).join('.') +
        ' or later; this is Node ' +
        version +
        '. Install a newer Node and repeat the command.'
      );
    }
  }
  return '';
}

module.exports = { EXIT_CODE: EXIT_CODE, complaintAbout: complaintAbout };
