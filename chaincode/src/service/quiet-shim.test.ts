import { Shim } from 'fabric-shim';
import { skipQuietLevels } from './quiet-shim';

describe('a logger of the shim', () => {
  const logger = Shim.newLogger('lib/handler.js');
  const made: string[] = [];

  beforeAll(() => {
    skipQuietLevels();
    // A format that answers false drops the line after it was made.
    logger.format = {
      transform: ({ level, message }) => {
        made.push(`${level} ${String(message)}`);
        return false;
      },
    };
  });
  beforeEach(() => {
    made.length = 0;
  });

  it('makes no line of a level that is off', () => {
    logger.level = 'error';
    logger.debug('key %s', 'a');
    logger.info('done');
    logger.error('failed');
    expect(made).toEqual(['error failed']);
  });

  it('makes every line of a level that is switched on later', () => {
    logger.level = 'debug';
    logger.debug('asked');
    logger.info('done');
    expect(made).toEqual(['debug asked', 'info done']);
  });
});
