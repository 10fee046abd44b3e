"""What the import says: one text per code, Chinese as everywhere, translated where it is shown (i18n)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from i18n import N_, _, translate

_CELL_OUT = ("单元格未导入。", "单元格未导入，请写编号。")

#: Text by code; the places are filled from the finding's values.
TEXTS: dict[str, str] = {
    # the file
    "empty": N_("文件是空的。"),
    "no_file": N_("找不到文件 {name}。"),
    "upload_gone": N_("上传的文件已不在服务器上，请重新上传。"),
    "upload_broken": N_("上传中断，文件没有收完，已清除；请重新上传。"),
    "quota": N_(
        "导入暂存区已用 {used} MB，放不下这个文件；上限 {limit} MB(ATLAS_IMPORT_QUOTA_MB)。等其他导入完成后再试。"
    ),
    "disk_full": N_("服务器磁盘已满；请联系管理员腾出空间后再试。"),
    "disk_read_only": N_("服务器的暂存目录不能写入；请联系管理员。"),
    "bad_name": N_("文件名 {name} 不能用：去掉路径和特殊字符。"),
    "extension": N_("不支持 {suffix} 文件；可用：{known}。"),
    "renamed": N_("文件扩展名是 {suffix}，内容却不是：{found}。请用原来的扩展名。"),
    "too_big": N_("文件有 {size} MB，上限 {limit} MB(ATLAS_IMPORT_MAX_MB)。"),
    "expands": N_("压缩文件展开后超过 {limit} MB(ATLAS_IMPORT_MAX_EXPANDED_MB)。"),
    "slip": N_("压缩包内的路径 {name} 指向包外，拒绝打开。"),
    "nested": N_("压缩包内还有压缩包 {name}；请先解压。"),
    "archive_broken": N_("压缩包损坏或不完整：{reason}。"),
    "archive_empty": N_("压缩包里没有可以读取的文件。"),
    "encrypted": N_("文件有密码保护，请先去掉密码。"),
    "entities": N_("文件 {name} 含有 XML 实体或 DTD 声明，拒绝打开。"),
    "macros": N_("工作簿含有宏；请另存为不含宏的 xlsx。"),
    "external_links": N_("工作簿引用了别的工作簿；用的是上次保存的值。"),
    "formula_without_value": N_("公式没有保存过的值，单元格当作空白；用 Excel 打开并保存一次。"),
    "unreadable": N_("文件读不出来：{reason}。"),
    "no_sheet": N_("没有名为 {name} 的工作表或图层；有：{known}。"),
    "no_table": N_("没有名为 {name} 的数据表；有：{known}。"),
    "no_heading": N_("没有找到表头行。"),
    "only_headings": N_("只有表头，没有数据行。"),
    "line_too_long": N_("有一行或一格超过 {limit} MB，不像表格；请检查分隔符和换行。"),
    "too_many_rows": N_("有 {rows} 行，上限 {limit} 行(ATLAS_IMPORT_MAX_ROWS)。"),
    "too_many_cells": N_("超过 {limit} 个单元格(ATLAS_IMPORT_MAX_CELLS)。"),
    "too_many_columns": N_("有 {columns} 列，上限 {limit} 列。"),
    "too_many_vertices": N_("图层有 {vertices} 个顶点，上限 {limit}(ATLAS_IMPORT_MAX_VERTICES)。"),
    "too_slow": N_("超过 {limit} 秒(ATLAS_IMPORT_MAX_SECONDS)，已停止，没有写入任何数据。"),
    "cancelled": N_("已取消，没有写入任何数据。"),
    "no_encoding": N_("文字编码无法识别；另存为 UTF-8 再试。"),
    "encoding_guessed": N_("未声明编码，按 {encoding} 读取。"),
    # the heading
    "heading_row": N_("表头在第 {row} 行；其上的标题行未导入。"),
    "column_unmapped": N_("这一列没有对应的字段，未导入。"),
    "column_without_heading": N_("第 {column} 列没有表头，未导入。"),
    "heading_twice": N_("表头重复；只用第一列。"),
    "column_unit": N_("表头单位 {unit} 不认识，未导入。"),
    "unit_assumed": N_("表头没有写单位，按 {unit} 读取；不对请改单位。"),
    "edition_unknown": N_("行业代码 {code} 在 2011 与 2017 两版里含义不同，请写明行业分类版本。"),
    "converted": N_("按表头单位 {unit} 换算为 {stored}。"),
    "no_year": N_("表头没有年份，这一列未导入；请说明年份(--year)。"),
    "no_month": N_(
        "列“{column}”的表头没有月份，不知道是哪个月的数；请在表头写明月份，如 2026年1-3月，或在对应关系里写 month。"
    ),
    "summary_row": N_("合计行，未导入。"),
    "section_row": N_("分节标题，不是记录，未导入。"),
    "merged_filled": N_("合并单元格：取合并区域左上角的值。"),
    # a cell
    "blank_word": N_("“{value}”表示没有，按空白处理。"),
    "trimmed": N_("去掉了首尾空格或不可见字符。"),
    "full_width": N_("全角数字改为半角。"),
    "separators": N_("去掉了千分位分隔符。"),
    "currency_sign": N_("去掉了币种，按人民币读取。"),
    "approximate": N_("“{value}”不是精确值，取其中的数字。"),
    "unit_in_cell": N_("按单元格内的单位 {unit} 换算。"),
    "rounded": N_("四舍五入为整数 {result}。"),
    "day_unknown": N_("只有年月，取当月 1 日。"),
    "month_ambiguous": N_("{value} 可能是 {first} 也可能是 {second}；取 {first}。"),
    "roc_year": N_("民国纪年，换算为 {result}。"),
    "serial_date": N_("Excel 日期序号，换算为 {result}。"),
    "matched": N_("“{value}”对应 {result}。"),
    "several_numbers": N_("一格里有多个数，无法判断用哪个；单元格未导入。"),
    "not_a_number": N_("不是数字；单元格未导入。"),
    "not_finite": N_("不是有限的数；单元格未导入。"),
    "out_of_range": N_("超出允许范围 {low} 到 {high}；单元格未导入。"),
    "negative": N_("不应为负数；单元格未导入。"),
    "not_a_date": N_("不是日期；单元格未导入。"),
    "unit_unknown": N_("单位 {unit} 不能换算为 {stored}；单元格未导入。"),
    "share_unclear": N_("看不出是比例还是百分数，请写成 30% 或 0.3；单元格未导入。"),
    "formula_error": N_("公式结果是错误 {value}；单元格未导入。"),
    "not_a_year": N_("不是年份(四位数，或民国年)；单元格未导入。"),
    "not_an_industry": N_("不是国民经济行业代码(2 到 4 位数字)；单元格未导入。"),
    "month_without_year": N_("只有月份没有年份，请说明年份(--year)；单元格未导入。"),
    "not_a_month": N_("不是月份；单元格未导入。"),
    "not_a_bool": N_("不是“是”或“否”；单元格未导入。"),
    "not_a_choice": N_("不在可选值之内({choices})；单元格未导入。"),
    "not_a_share": N_("不是分享比例(单位=分数，合计为 1)；单元格未导入。"),
    "too_long": N_("超过 {limit} 个字；单元格未导入。"),
    "unknown_reference": N_("{what} 里没有 {value}；单元格未导入。"),
    "ambiguous_reference": N_("{what} 里有 {count} 个 {value}；单元格未导入，请写编号。"),
    # a row
    "required": N_("必填项 {field} 没有值；此行未导入。"),
    "required_column": N_("没有对应必填项 {field} 的列。"),
    "military": N_("军事设施用地(1501)不导入。"),
    "duplicate": N_("与第 {other} 行重复；未再导入。"),
    "conflict": N_("与第 {other} 行编号相同而内容不同；此行未导入。"),
    "foreign_row": N_("编号 {key} 属于别的数据集；此行未导入。"),
    "shipped_row": N_("{key} 属于随程序提供的数据；此行未导入。"),
    "near_duplicate": N_("名称与第 {other} 行“{name}”相近，请核对是否同一个。"),
    "near_existing": N_("名称与已有的“{name}”({key})相近，请核对是否同一个。"),
    "same_name": N_("同一名称在 {count} 个位置出现：按位置当作不同的记录。"),
    "same_sound": N_("名称与第 {other} 行“{name}”读音相同，请核对。"),
    "no_stage": N_("{count} 个项目没有里程碑日期，也没有当前阶段：已入库但不出现在图上，补上日期即可。"),
    "dates_order": N_("{first} 晚于 {second}，请核对。"),
    "ytd_falls": N_("本年累计小于上月累计 {before}，请核对。"),
    "figure_computed": N_("{field} 由其他月份推算为 {result}。"),
    "figure_unknown": N_("{field} 没有给出，也无法推算；此行未导入。"),
    "month_unknown": N_("{period} 的{field} 没有给出，也无法推算；这个月的数未导入，项目本身已导入。"),
    "id_given": N_("没有编号列：按名称识别并自动编号。"),
    "id_by_shape": N_("没有编号列：按图形识别并自动编号。"),
    # geometry
    "no_geometry": N_("没有图形；此行未导入。"),
    "wrong_geometry": N_("图形是 {found}，这里需要 {wanted}；此行未导入。"),
    "line_closed": N_("封闭的线当作面。"),
    "not_finite_geometry": N_("坐标里有无效数值；此行未导入。"),
    "shape_vertices": N_("图形有 {vertices} 个顶点，上限 {limit}(ATLAS_IMPORT_MAX_SHAPE_VERTICES)；此行未导入。"),
    "repaired": N_("图形无效({reason})，已修复：面积 {before} ㎡ → {after} ㎡。"),
    "repair_failed": N_("图形无效({reason})，修复后没有面积；此行未导入。"),
    "crs_declared": N_("坐标系 {crs}(文件声明)。"),
    "crs_given": N_("坐标系 {crs}(按指定)。"),
    "crs_guessed": N_("文件没有声明坐标系，按数值判断为 {crs}；不对请指定 --crs。"),
    "crs_unknown": N_("文件没有声明坐标系，也无法判断({reason})；请指定 --crs EPSG:编号。"),
    "crs_ambiguous": N_("坐标系可能是 {candidates} 中的任一个；请指定 --crs。"),
    "crs_invalid": N_("不认识坐标系 {crs}。"),
    "crs_contradicts": N_("文件声明 {crs}，坐标却不是经纬度；按 {used} 读取。"),
    "axes_swapped": N_("坐标次序是先 {first} 后 {second}，已调换。"),
    "datum_converted": N_("坐标由 {datum} 换算为 WGS84，平均移动 {shift} 米。"),
    "datum_declared": N_("表头声明坐标基准 {datum}。"),
    "datum_suspected": N_(
        "坐标疑为 {datum}：按它换算移动 {shift} 米，与已知边界相符 {better}%，不换算只有 {plain}%。"
        "请指定 --datum {flag} 或 --datum wgs84。"
    ),
    "datum_agrees": N_("坐标与已知边界相符 {share}%，按 WGS84 读取。"),
    "datum_unstated": N_("坐标基准没有声明，按 WGS84 读取；若来自高德或百度，请指定 --datum gcj02 或 bd09。"),
    "datum_outside": N_("坐标不在中国境内，不能按 {datum} 换算。"),
    "columns_converted": N_("经纬度两列由 {datum} 换算为 WGS84，平均移动 {shift} 米；换算后与图形相符。"),
    "points_off_shapes": N_("经纬度两列离各自的图形平均 {shift} 米，请核对坐标基准；点按两列读取，范围按图形读取。"),
    "zero_place": N_("坐标 0, 0 不是位置；坐标未导入。"),
    "half_place": N_("经度和纬度只有一个；坐标未导入。"),
    "place_unlike": N_("与其他行的坐标不是同一种(经纬度或米)；坐标未导入。"),
    "row_swapped": N_("此行先纬度后经度，与其他行相反，已调换。"),
    "area_differs": N_("申报面积 {declared} ㎡，图形面积 {measured} ㎡，相差 {percent}%。"),
    "overlap": N_("与第 {other} 行重叠 {area} ㎡。"),
    "zone_located": N_("{count} 行没有片区，按位置归入。"),
    "outside_zones": N_("{count} 行不在任何片区内。"),
    # a batch
    "unchanged": N_("与库内完全一致，没有改动。"),
    "all_or_nothing": N_("有 {count} 行出错，按要求整批不导入。"),
    "no_batch": N_("没有第 {batch} 批导入。"),
    "batch_undone": N_("第 {batch} 批已经撤销过。"),
    "batch_needed": N_("不能撤销第 {batch} 批：第 {later} 批依赖它，请先撤销。"),
    "database_refused": N_("数据库拒绝了这批数据：{reason}。没有写入任何数据。"),
    "busy": N_("另一批导入正在进行，请稍后再试。"),
    "batch_edited": N_("不能撤销第 {batch} 批：{count} 行在那之后被别处改过({example})。"),
    "bad_mapping": N_("对应关系读不出来：{reason}。"),
    "bad_constant": N_("固定值 {field} = {value} 不能用：{because}"),
    "unknown_field": N_("数据表 {table} 没有字段 {field}；有：{known}。"),
    "unknown_column": N_("文件里没有列“{column}”。"),
}


#: Words of ours inside a text: they are translated with it.
_PARTS = frozenset(
    {N_("面"), N_("点"), N_("线"), N_("集合"), N_("面或点"), N_("北"), N_("东"), N_("纬度"), N_("经度"), N_("无法识别的文字")}
)  # fmt: skip
_PLACES = frozenset({"found", "wanted", "first", "second", "reason"})


def text(code: str, values: Mapping[str, Any], to: str | None = None) -> str:
    """The text of a code in language `to` (None: that of the request). Raises KeyError for an unknown code.

    A value `because` is itself a code with its values.
    """

    def say(message: str) -> str:
        return _(message) if to is None else translate(message, to)

    said: dict[str, Any] = {name: say(v) if name in _PLACES and isinstance(v, str) else v for name, v in values.items()}
    if "because" in said:
        inner, of_inner = said["because"]
        said["because"] = text(inner, of_inner, to)
    return say(TEXTS[code]).format(**said)


def row_out(to: str | None = None) -> str:
    """What is added where a cell that was refused takes its row with it."""
    message = N_("此项必填，所以此行未导入。")
    return _(message) if to is None else translate(message, to)


def is_of_a_cell(code: str) -> bool:
    """Whether a text says that only a cell was left out."""
    return TEXTS[code].endswith(_CELL_OUT)
