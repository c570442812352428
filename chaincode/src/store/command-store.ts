import { anyJson, digestCodec, object, rowCodec } from '@flexledger/domain';
import { keys } from './keys';
import { RowKeeper } from './row-keeper';

/** The command that was carried out: the digest of what it asked for and the answer that it got. */
export const commands = new RowKeeper(rowCodec(object({ digest: digestCodec, response: anyJson })), keys.command);
