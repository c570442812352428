/**
 * What Fabric promises to an application, one test per promise, each with a twin that shows that the test can fail.
 * The suite runs on the devnet (NETWORK=devnet, the default) and on real Fabric (NETWORK=native FABRIC_RELEASE=3.1 or 2.5).
 */
import { describeBatches } from './promises/batches';
import { describeBlocks } from './promises/blocks';
import { describeConcurrency } from './promises/concurrency';
import { describeEndorsement } from './promises/endorsement';
import { describeErrors } from './promises/errors';
import { describeEvents } from './promises/events';
import { describeIdentities } from './promises/identities';
import { describePrivateData } from './promises/private-data';
import { describeState } from './promises/state';
import { describeStatus } from './promises/status';
import { closeBench, openBench } from './support/network';

jest.setTimeout(60_000);

// A network in containers builds its images first, where they are missing.
beforeAll(openBench, process.env['NETWORK'] === 'docker' ? 900_000 : 120_000);
afterAll(closeBench, 60_000);

describe('state', describeState);
describe('batches', describeBatches);
describe('concurrency', describeConcurrency);
describe('endorsement', describeEndorsement);
describe('identities', describeIdentities);
describe('errors', describeErrors);
describe('commit status', describeStatus);
describe('events', describeEvents);
describe('blocks', describeBlocks);
describe('private data', describePrivateData);
