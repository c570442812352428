import path from 'node:path';

/** The root of the repository; the program runs from its own checkout. */
export const REPOSITORY_ROOT = path.join(__dirname, '..', '..');

/** The description of the default consortium. */
export const CONSORTIUM_FILE = path.join(REPOSITORY_ROOT, 'network', 'consortium.yaml');

/** Where a day keeps its data unless `--data` names another folder. */
export const DEFAULT_DAY_FOLDER = path.join(REPOSITORY_ROOT, '.flexledger', 'day');

/** Where a native network keeps its data unless `--data` names another folder. */
export const DEFAULT_NETWORK_FOLDER = path.join(REPOSITORY_ROOT, '.flexledger', 'native');

/** Where commands about contracts wait until their fate is known, unless `--data` names another folder. */
export const DEFAULT_CONTRACTS_FOLDER = path.join(REPOSITORY_ROOT, '.flexledger', 'contracts');

/** Where commands about disputes wait until their fate is known, unless `--data` names another folder. */
export const DEFAULT_DISPUTES_FOLDER = path.join(REPOSITORY_ROOT, '.flexledger', 'disputes');
