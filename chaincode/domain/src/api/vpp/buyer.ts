import { signatureCodec } from '../../field-codecs';
import { participantIdCodec } from '../../ids';
import { optional } from '../../decode';
import { slotCodec } from '../../time';
import { commandFields } from '../common';

/** What a buyer's request carries: an organisation's app sends it as it is, a buyer of the wholesale market signs it. */
export const buyerCommandFields = {
  ...commandFields,
  participantId: optional(participantIdCodec),
  expirySlot: optional(slotCodec),
  signature: optional(signatureCodec),
};

/** Who can be a buyer. */
export const buyerRoles = ['tso', 'dso', 'market'] as const;
