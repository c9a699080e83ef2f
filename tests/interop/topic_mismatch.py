"""What does not fit is refused by both sides, and the segment is as it was before."""
import unittest

import case

QUEUE = {"capacity": 8, "element_size": 4}


class Mismatch(case.Case):
    def test_capacity(self):
        for creator, opener in case.BOTH_WAYS:
            with self.subTest(creator=creator):
                self.refused(creator, opener, QUEUE, {**QUEUE, "capacity": 16}, {
                    "ours": ("SLICKQ_E_MISMATCH", "8.*16|16.*8"),
                    "peer": ("ValueError", "size mismatch. Expected 16 but got 8")})

    def test_element_size(self):
        for creator, opener in case.BOTH_WAYS:
            for options in ({"element_size": 5}, {**QUEUE, "element_size": 5}):
                with self.subTest(creator=creator, options=options):
                    self.refused(creator, opener, QUEUE, options, {
                        "ours": ("SLICKQ_E_MISMATCH", "4.*5|5.*4"),
                        "peer": ("ValueError", "element.size mismatch")})

    @case.since(2)
    def test_marker_of_the_other_layout(self):
        for creator, opener in case.BOTH_WAYS:
            for kept in (True, False):
                for options in ({"element_size": 4}, QUEUE):
                    with self.subTest(creator=creator, read_last=kept, options=options):
                        self.refused(creator, opener, {**QUEUE, "read_last": kept},
                                     {**options, "read_last": not kept}, {
                                         "ours": ("SLICKQ_E_MISMATCH", "SLQ0.*SLQ1|SLQ1.*SLQ0"),
                                         "peer": ("RuntimeError", "feature mismatch")})

    @case.since(2)
    def test_ours_adopts_the_marker_if_it_asks_for_none(self):
        for kept in (True, False):
            for options in ({"element_size": 4}, QUEUE):
                with self.subTest(read_last=kept, options=options):
                    ours, peer, name = self.start("ours"), self.start("peer"), self.name()
                    peer.open(name=name, read_last=kept, **QUEUE)
                    self.assertFalse(ours.open(name=name, **options))
                    ours.write(data=b"text".hex())
                    self.assertEqual(peer.read(), b"text".hex())
                    if kept:
                        self.assertEqual(peer.read_last(), ours.read_last())
                    else:
                        self.assertRefused("SLICKQ_E_UNSUPPORTED", "SLQ0", ours.read_last)

    @unittest.skipIf(case.PEER_VERSION >= (2,), "only slick-queue-py 1.x does not look at the marker")
    def test_1_x_attaches_to_a_queue_without_last_published_index(self):
        """It takes SLQ0 for the older, packed layout. Harmless: all that it then does differently is read_last."""
        ours, peer, name = self.start("ours"), self.start("peer"), self.name()
        ours.open(name=name, read_last=False, **QUEUE)
        peer.open(name=name, element_size=4)
        for text in (b"text", b"moretext"):
            peer.write(data=text.hex())
            ours.write(data=text.hex())
        self.assertEqual(ours.read_all(), peer.read_all())
        self.assertEqual(peer.read_last(), b"moretext".hex())
        self.assertEqual(case.segment(name)[16:24], b"\xff" * 8)

    def refused(self, creator, opener, made, asked, errors):
        creator, opener, name = self.start(creator), self.start(opener), self.name()
        creator.open(name=name, **made)
        creator.write(data=b"text".hex())
        before = case.segment(name)
        self.assertRefused(*errors[opener.side], opener.open, name=name, **asked)
        self.assertEqual(case.segment(name), before)
