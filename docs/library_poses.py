"""The poses of the library, as angles of joints: ``posed_figure`` says what they mean."""

from __future__ import annotations

from dataclasses import dataclass, replace

from posed_figure import Arm, Figure, Leg

TALL, WIDE, SQUARE = (832, 1216), (1216, 832), (1024, 1024)

GROUPS = {
    "standing": ("Standing", "站立"),
    "sitting": ("Sitting", "坐姿"),
    "walking": ("Walking", "行走"),
    "running": ("Running", "奔跑"),
    "dancing": ("Dancing", "舞蹈"),
    "hands": ("Hands", "手势"),
    "two": ("Two people", "双人"),
}
"""In English and Chinese, in the order in which they are shown."""


@dataclass(frozen=True)
class LibraryPose:
    """One pose of the library.

    Attributes:
        name: of its files.
        group: a name in ``GROUPS``.
        en, zh: what people read.
        people: the figures.
        canvas_wh: of the image, in pixels.
        zoom_to: as in ``posed_figure.look``.
    """

    name: str
    group: str
    en: str
    zh: str
    people: tuple[Figure, ...]
    canvas_wh: tuple[int, int] = TALL
    zoom_to: str = ""


STRAIGHT = Leg((0, 4), (-2, 3))
ON_HIP = Arm((-30, 66), reach=(0.76, -1.7, 0.02), hand="flat", palm="in down", along=(66, -16))
WALK_LEFT, WALK_RIGHT = Leg((28, 2), (12, 1), (16, 8)), Leg((-16, 3), (-34, 2), (-30, 8))

STANDING = (
    LibraryPose("stand_relaxed", "standing", "Relaxed", "放松站立", (
        Figure(8, (0, 0, 3), (2, -3, -5), (2, 8, 4), Arm((6, 13), (18, 5)), Arm((-2, 13), (12, 7)),
               Leg((2, 3), (-3, 1), (0, 8)), Leg((7, 12), (-10, 7), (0, 24))),
    )),
    LibraryPose("stand_a_pose", "standing", "A-pose", "A 字站姿", (
        Figure(0, left_arm=Arm((2, 42), (6, 40), hand="open", palm="in front"),
               right_arm=Arm((2, 42), (6, 40), hand="open", palm="in front"),
               left_leg=Leg((0, 9), (-1, 8), (0, 16)), right_leg=Leg((0, 9), (-1, 8), (0, 16))),
    )),
    LibraryPose("stand_t_pose", "standing", "T-pose", "T 字站姿", (
        Figure(0, left_arm=Arm((0, 89), (0, 90), hand="flat", palm="down front"),
               right_arm=Arm((0, 89), (0, 90), hand="flat", palm="down front")),
    ), SQUARE),
    LibraryPose("stand_hands_on_hips", "standing", "Hands on hips", "双手叉腰", (
        Figure(-6, (0, 0, -2), (0, 3, 3), (-2, -6, 0), ON_HIP, ON_HIP,
               Leg((0, 10), (-1, 8), (0, 20)), Leg((3, 9), (-4, 7), (0, 20))),
    )),
    LibraryPose("stand_arms_crossed", "standing", "Arms crossed", "双臂交叉", (
        Figure(14, (0, 0, 2), (-2, -4, -2), (2, -8, -3),
               Arm((14, 26), reach=(0.04, -1.0, 0.8), hand="flat", palm="back in",
                   along=(104, -76)),
               Arm((14, 26), reach=(0.06, -1.24, 0.66), hand="relaxed", palm="back in",
                   along=(96, -74)),
               Leg((1, 6), (-2, 5), (0, 10)), Leg((4, 9), (-5, 8), (0, 24))),
    )),
    LibraryPose("stand_three_quarter", "standing", "Three-quarter view", "四分之三侧面", (
        Figure(42, (0, 0, 3), (3, -4, -4), (0, -12, 2), Arm((-4, 10), (14, 4)),
               Arm((10, 8), (26, 2)),
               Leg((0, 4), (-3, 2), (0, 8)), Leg((10, 6), (-6, 4), (0, 20))),
    )),
    LibraryPose("stand_from_behind", "standing", "From behind", "背面", (
        Figure(172, (0, 0, -2), (0, 4, 3), (0, 10, 0), Arm((4, 14), (16, 8)), Arm((0, 15), (12, 9)),
               Leg((1, 6), (-3, 4), (0, 16)), Leg((3, 8), (-4, 6), (0, 18))),
    )),
)  # fmt: skip

SITTING = (
    LibraryPose("sit_front", "sitting", "On a chair", "坐在椅子上", (
        Figure(16, (-4, 0, 0), (8, 0, 0), (2, -6, 0),
               Arm((22, 14), reach=(0.52, -1.72, 1.3), palm="down", along=(70, -6)),
               Arm((22, 14), reach=(0.52, -1.72, 1.3), palm="down", along=(70, -6)),
               Leg((78, 10), (-2, 5), (0, 14)), Leg((78, 10), (4, 5), (0, 14))),
    )),
    LibraryPose("sit_side", "sitting", "On a chair, from the side", "侧面坐姿", (
        Figure(82, (-6, 0, 0), (10, 0, 0), (4, -4, 0),
               Arm((26, 6), reach=(0.45, -1.75, 1.2), palm="down", along=(72, 0)),
               Arm((30, 6), reach=(0.45, -1.7, 1.35), palm="down", along=(72, 0)),
               Leg((84, 3), (6, 2)), Leg((80, 3), (-12, 2), (-6, 6))),
    )),
    LibraryPose("sit_legs_crossed", "sitting", "One leg over the other", "跷腿坐", (
        Figure(-52, (-8, 0, 0), (10, 8, 0), (2, 22, 3),
               Arm((24, 20), reach=(0.1, -1.5, 1.35), palm="down", along=(80, -40)),
               Arm((20, 24), reach=(0.28, -1.62, 1.28), palm="down", along=(70, -30)),
               Leg((80, 2), (-4, 3), (0, 8)), Leg((92, -16), (26, -20), (-18, 0))),
    )),
    LibraryPose("sit_cross_legged", "sitting", "Cross-legged on the floor", "盘腿坐", (
        Figure(0, (-4, 0, 0), (6, 0, 0), (3, 0, 0),
               Arm((20, 30), reach=(1.36, -1.78, 0.92), palm="down", along=(50, 16)),
               Arm((20, 30), reach=(1.36, -1.78, 0.92), palm="down", along=(50, 16)),
               Leg((74, 50), (40, -64), (-4, -78)), Leg((74, 50), (60, -58), (-4, -78))),
    ), SQUARE),
    LibraryPose("kneel", "sitting", "On one knee", "单膝跪地", (
        Figure(48, (4, 0, 0), (6, -4, 0), (2, -10, 0),
               Arm((22, 14), reach=(0.5, -1.6, 1.25), palm="down", along=(74, -14)),
               Arm((4, 12), (18, 4)),
               Leg((100, 6), (-2, 3), (0, 8)), Leg((-4, 6), (-108, 4), (-66, 0))),
    )),
    LibraryPose("squat", "sitting", "Squat", "下蹲", (
        Figure(48, (28, 0, 0), (4, 0, 0), (-22, -12, 0),
               Arm((66, 8), (88, -14), hand="relaxed", palm="in down"),
               Arm((66, 8), (88, -14), hand="relaxed", palm="in down"),
               Leg((98, 20), (-32, 6), (0, 20)), Leg((98, 26), (-32, 10), (0, 26))),
    ), SQUARE),
)  # fmt: skip

WALKING = (
    LibraryPose("walk_front", "walking", "Towards the viewer", "迎面走来", (
        Figure(6, (2, 4, 2), (2, -8, -3), (0, 2, 0), Arm((-22, 10), (-6, 8)), Arm((24, 8), (44, 2)),
               WALK_LEFT, WALK_RIGHT),
    )),
    LibraryPose("walk_side", "walking", "From the side", "侧面行走", (
        Figure(84, (3, 4, 0), (3, -8, 0), (0, 0, 0), Arm((-26, 6), (-8, 4)), Arm((24, 6), (46, 2)),
               WALK_LEFT, WALK_RIGHT),
    )),
    LibraryPose("walk_three_quarter", "walking", "Three-quarter view", "四分之三侧面", (
        Figure(-44, (3, -4, -2), (3, 8, 2), (0, 10, 0), Arm((26, 8), (46, 2)),
               Arm((-24, 8), (-8, 6)),
               Leg((-16, 3), (-34, 2), (-30, 8)), Leg((28, 2), (12, 1), (16, 8))),
    )),
    LibraryPose("walk_away", "walking", "Away from the viewer", "背影行走", (
        Figure(-166, (2, 4, 2), (2, -6, -2), (0, 0, 0), Arm((-20, 10), (-2, 8)),
               Arm((22, 9), (38, 4)),
               WALK_LEFT, WALK_RIGHT),
    )),
)  # fmt: skip

RUNNING = (
    LibraryPose("run_side", "running", "From the side", "侧面奔跑", (
        Figure(84, (12, 6, 0), (6, -14, 0), (-10, 4, 0),
               Arm((-52, 10), (36, -4), hand="fist"), Arm((38, 8), (124, -10), hand="fist"),
               Leg((62, 2), (-14, 2), (6, 4)), Leg((-20, 3), (-98, 2), (-120, 4))),
    )),
    LibraryPose("run_front", "running", "Towards the viewer", "迎面奔跑", (
        Figure(-10, (10, -6, -3), (6, 12, 3), (-8, -2, 0),
               Arm((36, 8), (118, -16), hand="fist"), Arm((-48, 14), (34, 2), hand="fist"),
               Leg((-14, 4), (-86, 2), (-108, 6)), Leg((54, 3), (-18, 2), (4, 6))),
    )),
    LibraryPose("sprint", "running", "Sprint", "冲刺", (
        Figure(-62, (22, -8, 0), (8, 18, 0), (-20, 4, 0),
               Arm((64, 4), (146, -10), hand="flat"), Arm((-72, 10), (12, 2), hand="flat"),
               Leg((-34, 3), (-62, 2), (-56, 4)), Leg((86, 2), (-24, 2), (10, 4))),
    ), SQUARE),
    LibraryPose("jump", "running", "Jump", "跳跃", (
        Figure(20, (-4, 4, 0), (-8, -6, 0), (-6, -8, 0),
               Arm((170, 34), (172, 24), hand="open", palm="front"),
               Arm((164, 36), (160, 28), hand="open", palm="front"),
               Leg((46, 16), (-44, 10), (-72, 10)), Leg((-8, 14), (-80, 8), (-112, 8))),
    )),
)  # fmt: skip

DANCING = (
    LibraryPose("dance_arabesque", "dancing", "Arabesque", "阿拉贝斯克", (
        Figure(66, (30, 0, 0), (-28, 0, 0), (-8, -14, 0),
               Arm((96, 18), (100, 14), hand="flat", palm="down"),
               Arm((60, 80), (70, 88), hand="flat", palm="down"),
               Leg((0, 2), (-1, 2), (-4, 20)), Leg((-84, 8), (-90, 6), (-164, 6))),
    ), SQUARE),
    LibraryPose("dance_twirl", "dancing", "Arms overhead", "双臂上举", (
        Figure(-16, (0, 0, -3), (-2, -10, 4), (-4, 18, -6),
               Arm((176, 28), (184, -26), palm="in front", along=(186, -40)),
               Arm((176, 28), (184, -26), palm="in front", along=(186, -40)),
               Leg((0, 3), (-1, 2), (-58, 24)), Leg((42, 38), (-34, -34), (-104, 20))),
    )),
    LibraryPose("dance_disco", "dancing", "Disco", "迪斯科", (
        Figure(10, (0, 0, 7), (0, -8, -13), (-4, 16, 6),
               Arm((150, 62), (160, 56), hand="point", palm="front"), ON_HIP,
               Leg((2, 20), (-4, 14), (0, 28)), Leg((18, 14), (-26, 6), (-20, 26))),
    )),
    LibraryPose("dance_lunge", "dancing", "Side lunge", "侧弓步", (
        Figure(-6, (6, 0, -8), (4, -12, -16), (-2, 10, 12),
               Arm((20, 92), (24, 96), hand="open", palm="front down"),
               Arm((50, 96), (100, 24), hand="open", palm="front"),
               Leg((8, 52), (-2, 51), (0, 40)), Leg((48, 46), (-40, -2), (0, 36))),
    ), SQUARE),
)  # fmt: skip

DOWN = Arm((4, 12), (18, 4))
HANDS = (
    LibraryPose("hand_wave", "hands", "Wave", "挥手", (
        Figure(-4, (0, 0, 0), (0, 2, -3), (0, 2, 5),
               DOWN, Arm((20, 38), (176, 22), hand="open", palm="front", along=(178, 6))),
    ), SQUARE, "left_hip"),
    LibraryPose("hand_point", "hands", "Point to the side", "指向一侧", (
        Figure(10, (0, 0, 0), (0, 2, -2), (0, 18, 0),
               Arm((70, 66), (82, 76), hand="point", palm="front down"), DOWN),
    ), SQUARE, "left_hip"),
    LibraryPose("hand_thumbs_up", "hands", "Thumbs up", "竖起大拇指", (
        Figure(-8, (0, 0, 0), (0, 2, 2), (0, 4, -4),
               DOWN, Arm((14, 18), (112, 14), hand="thumbs_up", palm="in", along=(98, 2))),
    ), SQUARE, "left_hip"),
    LibraryPose("hand_victory", "hands", "Victory sign", "剪刀手", (
        Figure(6, (0, 0, 0), (0, -2, 2), (0, -4, -6),
               Arm((22, 26), (164, 8), hand="victory", palm="front", along=(176, 4)), DOWN),
    ), SQUARE, "left_hip"),
    LibraryPose("hand_open_palms", "hands", "Open hands", "摊开双手", (
        Figure(0, (0, 0, 0), (2, 0, 0), (0, 0, 6),
               Arm((10, 22), (82, 44), hand="open", palm="up front", along=(92, 52)),
               Arm((10, 22), (82, 44), hand="open", palm="up front", along=(92, 52))),
    ), SQUARE, "left_hip"),
)  # fmt: skip

STANDER = Figure(0, left_leg=Leg((0, 6), (-2, 4), (0, 14)), right_leg=Leg((2, 7), (-3, 5), (0, 16)))
HELD = {"hand": "grip", "along": (4, 10), "palm": "back"}
TWO = (
    LibraryPose("two_side_by_side", "two", "Walking hand in hand", "牵手同行", (
        replace(STANDER, turn=8, at=(-1.36, 0, 0), chest=(2, -4, 0), head=(0, 16, 3),
                left_arm=Arm((-60, 12), reach=(1.24, -2.22, 0.1), **HELD),
                right_arm=Arm((20, 9), (36, 4)), left_leg=WALK_LEFT, right_leg=WALK_RIGHT),
        replace(STANDER, turn=-6, at=(1.3, -0.06, 0), size=0.95, chest=(2, 4, 0), head=(2, -18, -4),
                right_arm=Arm((-60, 12), reach=(1.3, -2.22, 0.1), **HELD),
                left_arm=Arm((20, 9), (34, 4)), right_leg=WALK_LEFT, left_leg=WALK_RIGHT),
    ), SQUARE),
    LibraryPose("two_handshake", "two", "Handshake", "握手", (
        replace(STANDER, turn=62, at=(-1.7, 0, 0), chest=(4, -4, 0), head=(0, 4, 0),
                right_arm=Arm((14, 14), reach=(0.2, -1.3, 1.78), hand="grip", palm="in",
                              along=(76, -8))),
        replace(STANDER, turn=-66, at=(1.7, -0.05, 0), size=0.96, chest=(4, 4, 0), head=(-4, -4, 0),
                right_arm=Arm((14, 14), reach=(0.2, -1.25, 1.84), hand="grip", palm="in",
                              along=(76, -8))),
    ), SQUARE),
    LibraryPose("two_high_five", "two", "High five", "击掌", (
        replace(STANDER, turn=56, at=(-1.48, 0, 0), chest=(0, 4, 0), head=(-8, 6, 0),
                right_arm=Arm((110, 30), reach=(0.62, 1.15, 1.5), hand="open", palm="front",
                              along=(170, 4))),
        replace(STANDER, turn=-52, at=(1.48, -0.05, 0), size=0.97, chest=(0, -4, 0),
                head=(-8, -6, 0),
                left_arm=Arm((110, 30), reach=(0.66, 1.18, 1.5), hand="open", palm="front",
                             along=(170, 4))),
    ), SQUARE),
    LibraryPose("two_dance", "two", "Dancing a turn", "双人旋转舞步", (
        replace(STANDER, turn=40, at=(-1.5, 0, 0), chest=(0, 4, 0), head=(-6, 6, 0),
                left_arm=Arm((120, 60), reach=(0.85, 1.3, 1.3), hand="grip", palm="front",
                             along=(166, 10)),
                right_arm=Arm((-14, 24), (40, -10)),
                left_leg=Leg((20, 4), (2, 3), (4, 12)),
                right_leg=Leg((-10, 6), (-20, 5), (-16, 18))),
        replace(STANDER, turn=-14, at=(1.35, -0.05, 0), size=0.95, hips=(0, 0, 4),
                chest=(-4, 8, -8),
                head=(-4, -24, -6),
                right_arm=Arm((100, 80), reach=(1.0, 1.5, 0.3), hand="grip", palm="front",
                              along=(178, 20)),
                left_arm=Arm((16, 74), (30, 84), hand="flat", palm="down"),
                left_leg=Leg((0, 3), (-2, 2), (-40, 16)),
                right_leg=Leg((30, 12), (-36, 0), (-70, 20))),
    ), SQUARE),
    LibraryPose("two_adult_and_child", "two", "Adult and child", "大人和孩子", (
        replace(STANDER, turn=12, at=(-1.0, 0, 0), chest=(4, 2, 4), head=(10, 10, 6),
                left_arm=Arm((-50, 14), reach=(1.3, -2.06, 0.3), hand="grip", palm="in",
                             along=(8, 12)),
                right_arm=Arm((4, 12), (16, 5))),
        Figure(-10, at=(1.5, -1.42, 0.2), size=0.82, limbs=0.7, chest=(0, 2, 0), head=(-8, -12, -4),
               left_arm=Arm((6, 16), (22, 8)),
               right_arm=Arm((30, 70), reach=(1.52, 0.34, 0.3), hand="grip", palm="in",
                             along=(168, 40)),
               left_leg=Leg((0, 5), (-2, 4), (0, 14)), right_leg=Leg((4, 6), (-4, 4), (0, 16))),
    ), SQUARE),
)  # fmt: skip

POSES = (*STANDING, *SITTING, *WALKING, *RUNNING, *DANCING, *HANDS, *TWO)
