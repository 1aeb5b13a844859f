-- Whether a watermark stands behind another one: numbers, or dates and times. $1 'number' or 'time', $2 the one, $3 the
-- other.
select case $1::text when 'number' then $2::text::numeric > $3::text::numeric
                     else $2::text::timestamptz > $3::text::timestamptz end
