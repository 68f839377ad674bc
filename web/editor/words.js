// What the editor says, in English and Chinese.

const WORDS = {
  en: {
    label: "Pose editor",
    runOnce: "Connect poses and press Run: then drag the joints here.",
    gone: "The poses of the last run are gone. Press Run once.",
    empty: "Nobody is in this frame.",
    large: "Too much is edited. ",
    otherSet: "These edits are of other keypoints ({set}). 'As detected' clears them.",
    broken: "These edits are kept as they are. 'As detected' clears them. ",
    unplaced: "Kept but not applied, because they fit nobody here: edits of {count} people.",
    undo: "Undo",
    undoTitle: "Undo (Ctrl+Z)",
    redo: "Redo",
    redoTitle: "Redo (Ctrl+Shift+Z)",
    lengths: "Lengths",
    lengthsTitle: "Limbs keep their lengths, and hands follow (L). Alt while dragging: one joint alone",
    hide: "Hide",
    hideTitle: "Leave this person out, or take them back (H)",
    show: "Show",
    reset: "As detected",
    resetTitle: "Take back all edits of this person (R)",
    closer: "Closer",
    closerTitle: "Closer (+): from three times on hands, feet and faces can be dragged",
    farther: "Farther",
    fartherTitle: "Farther (-)",
    fit: "Fit",
    fitTitle: "The whole image (0)",
    frame: "Frame",
    person: "person {number}",
    hidden: "hidden",
    edited: "edited",
    none: "nobody chosen",
  },
  zh: {
    label: "姿态编辑器",
    runOnce: "请连接姿态并运行一次，然后在这里拖动关节。",
    gone: "上次运行的姿态已不存在，请再运行一次。",
    empty: "这一帧里没有人。",
    large: "编辑内容过多。",
    otherSet: "这些编辑属于另一组关键点（{set}）。按“恢复检测”可清除它们。",
    broken: "这些编辑按原样保留。按“恢复检测”可清除它们。",
    unplaced: "已保留但未应用：有 {count} 个人的编辑与这里的人都不符。",
    undo: "撤销",
    undoTitle: "撤销（Ctrl+Z）",
    redo: "重做",
    redoTitle: "重做（Ctrl+Shift+Z）",
    lengths: "保持长度",
    lengthsTitle: "肢体保持长度，手随之移动（L）。拖动时按住 Alt：只移动一个关节",
    hide: "隐藏",
    hideTitle: "去掉此人，或恢复此人（H）",
    show: "显示",
    reset: "恢复检测",
    resetTitle: "撤回此人的所有编辑（R）",
    closer: "放大",
    closerTitle: "放大（+）：放大到三倍后可以拖动手、脚和脸",
    farther: "缩小",
    fartherTitle: "缩小（-）",
    fit: "全图",
    fitTitle: "整幅图像（0）",
    frame: "帧",
    person: "第 {number} 人",
    hidden: "已隐藏",
    edited: "已编辑",
    none: "未选择任何人",
  },
};

/**
 * @param {string} language as ComfyUI's settings have it
 * @returns {(name: string, values?: object) => string}
 */
export function wordsIn(language) {
  const words = WORDS[String(language).split("-")[0]] ?? WORDS.en;
  return (name, values = {}) =>
    words[name].replace(/\{(\w+)\}/g, (_, value) => String(values[value]));
}
