// What the editors say, in Chinese.

export const ZH = {
  libraryLanguage: "zh",
  library: "姿态库",
  librarySearch: "搜索姿态",
  libraryClose: "关闭",
  libraryOwn: "我的姿态",
  libraryCount: "{count} 个姿态。方向键选择，回车确认",
  libraryFailed: "无法加载或更改姿态（{detail}），请重试。",
  libraryUnreadable: "无法读取 {name}：它不是本插件的姿态文件，或文件不完整。",
  libraryDelete: "删除 {name}（Shift+Delete）",
  libraryDeleteTwice: "要删除 {name} 吗？请再按一次。",
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
  hideTitle: "去掉此人，或恢复此人（Shift+H）",
  show: "显示",
  reset: "恢复检测",
  resetTitle: "撤回此人的所有编辑（Shift+R）",
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
  undone: "已撤销",
  redone: "已重做",
  nothingMore: "这个方向没有更多内容",
  open: "打开编辑器",
  openTitle: "在整页编辑器中编辑人物、部位和关键帧（也可双击图像）",
  title: "编辑姿态",
  frameOf: "第 {frame} 帧，共到 {last}",
  added: "已添加",
  asDetected: "与检测相同",
  mirror: "镜像",
  mirrorTitle: "交换人或脸的左右；翻转手或脚（M）",
  copy: "复制",
  copyTitle: "复制人或部位的姿态（Ctrl+C）",
  paste: "粘贴",
  pasteTitle: "把复制的姿态用于这一帧里所选的人（Ctrl+V）",
  image: "图像",
  run: "运行",
  runTitle: "运行工作流（Ctrl+Enter）",
  done: "完成",
  doneTitle: "返回工作流（Escape）。编辑已经保存",
  helpTitle: "按键说明（?）",
  people: "人物",
  parts: "部位",
  personName: "第 {number} 人",
  add: "添加",
  addTitle: "从姿态库添加人（A）",
  duplicateTitle: "添加所选人的副本（D）",
  forwardTitle: "绘制得更靠前（Page Up）",
  backwardTitle: "绘制得更靠后（Page Down）",
  removeTitle: "删除这个添加的人（Shift+Delete）",
  hideThis: "隐藏：{what}",
  showThis: "显示：{what}",
  body: "身体",
  face: "脸",
  left_hand: "左手",
  right_hand: "右手",
  left_foot: "左脚",
  right_foot: "右脚",
  wholePerson: "整个人",
  joint: "关节",
  partHeading: "部位",
  personHeading: "人物",
  moved: "移动了",
  score: "分数",
  turn: "旋转（度）",
  size: "大小（%）",
  hideChosenTitle: "隐藏或显示所选内容（H）",
  resetChosenTitle: "把所选内容恢复为检测结果（R）",
  jointHint: "拖动它，或按方向键。按住 Alt 只移动它自己，按住 Shift 只沿一个方向。",
  partHint: "在框内拖动可移动，拖动角可缩放，拖动圆点可旋转。框内的关节也可以拖动。",
  personHint: "拖动关节，或选择一个部位来整体移动、旋转和缩放。",
  poseName: "姿态名称",
  savePose: "保存",
  savePoseTitle: "把此人的姿态保存到你的姿态库",
  saved: "已保存到姿态库：{name}",
  notSaved: "未能保存：{reason}",
  noLibrary: "此安装缺少姿态库，请重新安装 Sapiens Pose。",
  keysHeading: "按键",
  keysHint: `Tab 关节 · 方向键移动
P 人物 · G 部位
[ ] 旋转 · { } 缩放
, . 帧 · K 关键帧
H 隐藏 · Ctrl+Z 撤销
? 所有按键`,
  keyLines: `Tab、Shift+Tab | 下一个关节、上一个关节
方向键 | 移动 1 像素；加 Shift 为 10，加 Alt 为 0.1
P | 下一个人
G | 下一个部位：身体、脸、手、脚
[ ] | 旋转部位
{ } | 缩放部位
H、Shift+H | 隐藏所选内容、隐藏此人
R、Shift+R | 恢复检测：所选内容、此人
L | 保持长度
M | 镜像
Ctrl+C、Ctrl+V | 复制、粘贴姿态
A | 从姿态库添加人
D | 添加此人的副本
Page Up、Page Down | 绘制得更靠前、更靠后
Shift+Delete | 删除添加的人
, . | 上一帧、下一帧
< > | 上一个关键帧、下一个关键帧
Home、End | 第一帧、最后一帧
K、Shift+K | 设为检测姿态的关键帧、当前姿态的关键帧
Delete | 删除关键帧
+ - 0 | 放大、缩小、全图
Ctrl+方向键、空格+拖动 | 移动图像
O | 以虚线显示检测到的姿态
Ctrl+Z、Ctrl+Shift+Z | 撤销、重做
F6 | 列表、按钮、帧
Ctrl+Enter | 运行
Escape | 完成`,
  helpHint: "按 ? 或 Escape 关闭。",
  key: "关键帧",
  detectedKey: "与检测相同的关键帧",
  clipHint: "两个关键帧之间均匀变化。第一个之前和最后一个之后保持不变。关键帧可以沿行拖动。",
  noKeys: "还没有关键帧：在任意一帧拖动关节即可。",
  keyMoved: "关键帧已移到 {frame}",
  previousTitle: "上一帧（,）",
  nextTitle: "下一帧（.）",
  previousKey: "‹ 关键帧",
  previousKeyTitle: "上一个关键帧（<）",
  nextKey: "关键帧 ›",
  nextKeyTitle: "下一个关键帧（>）",
  addKey: "添加关键帧",
  addKeyTitle: "以所选部位当前的样子添加关键帧（Shift+K）",
  addDetectedKey: "检测关键帧",
  addDetectedKeyTitle: "在此关键帧恢复检测的样子，使编辑逐渐消失（K）",
  removeKey: "删除关键帧",
  removeKeyTitle: "删除所选部位的关键帧（Delete）",
  keySet: "已添加关键帧",
  detectedKeySet: "已添加与检测相同的关键帧",
  noKey: "这里没有关键帧",
  keyGone: "已删除关键帧",
  changed: "检测结果变了，{who}的编辑与现在的人都不符：已保留，未应用。（共 {count} 个）",
  look: "查看",
  lookTitle: "转到所编辑的帧",
  give: "用于第 {number} 人",
  giveTitle: "把这些编辑用于所选的、还没有编辑的人",
  drop: "删除",
  dropTitle: "删除这些编辑；撤销可以恢复",
  giveToWhom: "请先选择一个没有编辑的人",
  given: "第 {number} 人现在有这些编辑",
  chooseFirst: "请先选择关节（Tab）或部位（G）",
  choosePart: "请先选择部位（G）",
  copied: "已复制：{what}",
  nothingCopied: "还没有复制任何内容",
  doesNotFit: "复制的内容与此人不符",
  notAdded: "只能删除添加的人；其他人可按 H 隐藏",
  moreInFront: "绘制得更靠前了",
  moreBehind: "绘制得更靠后了",
  isOn: "{what}：开",
  isOff: "{what}：关",
  ghost: "检测到的姿态",
  notShown: "已隐藏",
  notFound: "未检测到",
};
