"""Reads messages with shapeshifter_uftp, writes them again, and writes some of its own: JSON in, JSON out."""

import json
import sys
import warnings

from shapeshifter_uftp import transport
from shapeshifter_uftp.uftp import (
    FlexOffer,
    FlexOfferOption,
    FlexOfferOptionISP,
    FlexRequest,
    FlexRequestISP,
)
from xsdata.models.datatype import XmlDate, XmlDuration

COMMON = dict(
    version="3.1.0",
    time_stamp="2016-05-16T12:00:00Z",
    conversation_id="350b60f0-ad04-4014-b04c-016d3038499a",
    isp_duration=XmlDuration("PT15M"),
    time_zone="Europe/Berlin",
    period=XmlDate(2016, 5, 17),
    congestion_point="ea1.2016-01.org.example:rural-1/transformer",
)


def own_messages():
    request = FlexRequest(
        **COMMON,
        sender_domain="dso.example",
        recipient_domain="agg.example",
        message_id="e5fa426e-c2e2-4e03-a18f-491d673fbc57",
        revision=1,
        expiration_date_time="2016-05-17T00:00:00+02:00",
        isps=[FlexRequestISP(disposition="Requested", min_power=-60000, max_power=-20000, start=73, duration=4)],
    )
    offer = FlexOffer(
        **COMMON,
        sender_domain="agg.example",
        recipient_domain="dso.example",
        message_id="0b7a7b8e-3f3c-4f0f-8c39-3f5c8e9d8a11",
        expiration_date_time="2016-05-17T12:00:00Z",
        flex_request_message_id=request.message_id,
        currency="EUR",
        offer_options=[
            FlexOfferOption(
                isps=[FlexOfferOptionISP(power=-20000, start=73, duration=4)],
                option_reference="batteries",
                price=5,
                min_activation_factor=0.5,
            )
        ],
    )
    return {"FlexRequest": transport.to_xml(request), "FlexOffer": transport.to_xml(offer)}


def main():
    warnings.simplefilter("error")
    messages = json.load(sys.stdin)
    read = {}
    for name, xml in messages.items():
        message = transport.from_xml(xml)
        read[name] = {"type": type(message).__name__, "xml": transport.to_xml(message)}
    json.dump({"read": read, "own": own_messages()}, sys.stdout)


main()
