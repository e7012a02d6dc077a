// Reads JSON that is built like the sample
// Reads standard input.
// For Free Pascal 3.2 or later. Texts are UTF-8 from end to end.
program Sample;

{$mode delphi}{$H+}


uses
  SysUtils, Classes, fpjson, jsonparser;

procedure Fail(const Message: string);
begin
  WriteLn(StdErr, Message);
  Halt(1);
end;

// The text with characters in place of escapes such as \u4f1a: the parser of Free Pascal 3.2 cuts several in a row.
function Unescaped(const Text: string): string;
var
  At, From: Integer;
  Code: Integer;
  Units: UnicodeString;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
    if Text[At] <> '\' then
      Inc(At)
    else if (At + 5 > Length(Text)) or (Text[At + 1] <> 'u') then
      Inc(At, 2)
    else
    begin
      Units := '';
      Result := Result + Copy(Text, From, At - From);
      From := At;
      while (Copy(Text, At, 2) = '\u') and TryStrToInt('$' + Copy(Text, At + 2, 4), Code) and (Code >= 128) do
      begin
        Units := Units + WideChar(Code);
        Inc(At, 6);
        From := At;
      end;
      Result := Result + UTF8Encode(Units);
      if Units = '' then
        Inc(At, 6);
    end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function IsWhole(const Text: string): Boolean;
var
  C: Char;
begin
  Result := Text <> '';
  for C in Text do
    Result := Result and (C in ['-', '0'..'9']);
end;

// The text with whole numbers of more than 64 bits in quotes: the parser would round them.
function Exact(const Text: string): string;
var
  At, From, Start: Integer;
  Whole: Int64;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
  begin
    Start := At;
    if Text[At] = '"' then
    begin
      Inc(At);
      while (At <= Length(Text)) and (Text[At] <> '"') do
        if Text[At] = '\' then
          Inc(At, 2)
        else
          Inc(At);
      Inc(At);
    end
    else if Text[At] in ['-', '0'..'9'] then
    begin
      while (At <= Length(Text)) and (Text[At] in ['+', '-', '.', '0'..'9', 'e', 'E']) do
        Inc(At);
      if (At - Start > 18) and IsWhole(Copy(Text, Start, At - Start)) and
        not TryStrToInt64(Copy(Text, Start, At - Start), Whole) then
      begin
        Result := Result + Copy(Text, From, Start - From) + '"' + Copy(Text, Start, At - Start) + '"';
        From := At;
      end;
    end
    else
      Inc(At);
  end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function Member(Parent: TJSONData; const Name: string): TJSONData;
begin
  Result := nil;
  if Parent is TJSONObject then
    Result := TJSONObject(Parent).Find(Name);
end;

function GetText(Data: TJSONData; out Value: string): Boolean;
begin
  Result := (Data <> nil) and (Data.JSONType in [jtString, jtNumber, jtBoolean]);
  if Result then
    Value := Data.AsString;
end;

function GetInteger(Data: TJSONData; out Value: Int64): Boolean;
begin
  if (Data <> nil) and (Data.JSONType = jtString) and (Length(Data.AsString) > 18) and IsWhole(Data.AsString) then
    Fail(Data.AsString + ' does not fit in 64 bits');
  Result := (Data <> nil) and (Data.JSONType = jtNumber);
  if Result then
    Value := Data.AsInt64;
end;

function GetNumber(Data: TJSONData; out Value: Double): Boolean;
begin
  Result := (Data <> nil) and (Data.JSONType = jtNumber);
  if Result then
    Value := Data.AsFloat;
end;

function GetBoolean(Data: TJSONData; out Value: Boolean): Boolean;
begin
  Result := (Data <> nil) and (Data.JSONType = jtBoolean);
  if Result then
    Value := Data.AsBoolean;
end;

// Prints a value on one line.
procedure Show(const Place, Value: string); overload;
var
  Line: string;
begin
  Line := StringReplace(Value, '\', '\\', [rfReplaceAll]);
  Line := StringReplace(Line, #10, '\n', [rfReplaceAll]);
  Line := StringReplace(Line, #13, '\r', [rfReplaceAll]);
  WriteLn(Place, ': ', Line);
end;

procedure Show(const Place: string; Value: Int64); overload;
begin
  Show(Place, IntToStr(Value));
end;

procedure Show(const Place: string; Value: Double); overload;
var
  Format: TFormatSettings;
begin
  Format := DefaultFormatSettings;
  Format.DecimalSeparator := '.';
  Show(Place, FloatToStrF(Value, ffGeneral, 15, 0, Format));
end;

procedure Show(const Place: string; Value: Boolean); overload;
begin
  if Value then
    Show(Place, 'true')
  else
    Show(Place, 'false');
end;

// Prints a value as what it is, objects and arrays as JSON; nothing if it is null.
procedure ShowItem(const Place: string; Data: TJSONData);
var
  Value: string;
begin
  if (Data <> nil) and (Data.JSONType = jtBoolean) then
    Show(Place, Data.AsBoolean)
  else if (Data <> nil) and (Data.JSONType = jtNumber) and (TJSONNumber(Data).NumberType = ntFloat) then
    Show(Place, Data.AsFloat)
  else if (Data is TJSONObject) or (Data is TJSONArray) then
    Show(Place, Data.AsJSON)
  else if GetText(Data, Value) then
    Show(Place, Value);
end;

var
  Input: THandleStream;
  Chunk: string;
  Count: Integer;
  Response: string;
  Answer: TJSONData;
  Id: Int64;
  Field2ndName: string;
  ClassValue: Boolean;
  Mean: Double;
  Tags: TJSONData;
  TagIndex: Integer;
  Tag: TJSONData;
  Grid: TJSONData;
  GridItemIndex: Integer;
  GridItem: TJSONData;
  Inner: TJSONData;
  InnerItemIndex: Integer;
  InnerItem: TJSONData;
  Owner: TJSONData;
  OwnerId: string;
  OwnerClass: TJSONData;
  Rows: TJSONData;
  RowIndex: Integer;
  RowValue: TJSONData;
  RowId: Int64;
  Note: string;
  UserName: string;
  UserNameValue: string;
begin
  SetTextCodePage(Output, CP_UTF8);
  DefaultSystemCodePage := CP_UTF8;
  Input := THandleStream.Create(StdInputHandle);
  Response := '';
  SetLength(Chunk, 65536);
  repeat
    Count := Input.Read(Chunk[1], Length(Chunk));
    Response := Response + Copy(Chunk, 1, Count);
  until Count <= 0;
  Answer := GetJSON(Unescaped(Exact(Response)));
  if GetInteger(Member(Answer, 'id'), Id) then
    Show('id', Id);
  if GetText(Member(Answer, '2nd-name'), Field2ndName) then
    Show('2nd-name', Field2ndName);
  if GetBoolean(Member(Answer, 'class'), ClassValue) then
    Show('class', ClassValue);
  if GetNumber(Member(Answer, 'mean'), Mean) then
    Show('mean', Mean);
  Tags := Member(Answer, 'tags');
  if Tags is TJSONArray then
    for TagIndex := 0 to Tags.Count - 1 do
    begin
      Tag := Tags.Items[TagIndex];
      ShowItem('tags[' + IntToStr(TagIndex) + ']', Tag);
    end;
  Grid := Member(Answer, 'grid');
  if Grid is TJSONArray then
    for GridItemIndex := 0 to Grid.Count - 1 do
    begin
      GridItem := Grid.Items[GridItemIndex];
      Inner := GridItem;
      if Inner is TJSONArray then
        for InnerItemIndex := 0 to Inner.Count - 1 do
        begin
          InnerItem := Inner.Items[InnerItemIndex];
          ShowItem('grid[' + IntToStr(GridItemIndex) + '][' + IntToStr(InnerItemIndex) + ']', InnerItem);
        end;
    end;
  Owner := Member(Answer, 'owner');
  if Owner is TJSONObject then
  begin
    if GetText(Member(Owner, 'id'), OwnerId) then
      Show('owner.id', OwnerId);
    ShowItem('owner.class', Member(Owner, 'class'));
  end;
  Rows := Member(Answer, 'rows');
  if Rows is TJSONArray then
    for RowIndex := 0 to Rows.Count - 1 do
    begin
      RowValue := Rows.Items[RowIndex];
      if GetInteger(Member(RowValue, 'id'), RowId) then
        Show('rows[' + IntToStr(RowIndex) + '].id', RowId);
      if GetText(Member(RowValue, 'note'), Note) then
        Show('rows[' + IntToStr(RowIndex) + '].note', Note);
    end;
  if GetText(Member(Answer, 'userName'), UserName) then
    Show('userName', UserName);
  if GetText(Member(Answer, 'user_name'), UserNameValue) then
    Show('user_name', UserNameValue);
  Answer.Free;
  Input.Free;
end.
