// Reads JSON that is built like the sample
// Reads standard input.
// For Delphi 10.3 or later.
program Sample;

{$APPTYPE CONSOLE}

uses
  System.SysUtils,
  System.JSON;

procedure Fail(const Text: string);
begin
  WriteLn(ErrOutput, Text);
  Halt(1);
end;

function Member(Parent: TJSONValue; const Name: string): TJSONValue;
begin
  Result := nil;
  if Parent is TJSONObject then
    Result := TJSONObject(Parent).Values[Name];
end;

// The text of a value; a number as it is written.
function GetText(Data: TJSONValue; out Value: string): Boolean;
begin
  Result := (Data is TJSONString) or (Data is TJSONBool);
  if Result then
    Value := Data.Value;
end;

function GetInteger(Data: TJSONValue; out Value: Int64): Boolean;
begin
  Result := Data is TJSONNumber;
  if not Result or TryStrToInt64(Data.Value, Value) then
    Exit;
  if Abs(TJSONNumber(Data).AsDouble) >= 9.2e18 then
    Fail(Data.Value + ' does not fit in 64 bits');
  Value := Trunc(TJSONNumber(Data).AsDouble);
end;

function GetNumber(Data: TJSONValue; out Value: Double): Boolean;
begin
  Result := Data is TJSONNumber;
  if Result then
    Value := TJSONNumber(Data).AsDouble;
end;

function GetBoolean(Data: TJSONValue; out Value: Boolean): Boolean;
begin
  Result := Data is TJSONBool;
  if Result then
    Value := TJSONBool(Data).AsBoolean;
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
begin
  Show(Place, FloatToStrF(Value, ffGeneral, 15, 0, TFormatSettings.Invariant));
end;

procedure Show(const Place: string; Value: Boolean); overload;
begin
  if Value then
    Show(Place, 'true')
  else
    Show(Place, 'false');
end;

// Prints a value as what it is, objects and arrays as JSON; nothing if it is null.
procedure ShowValue(const Place: string; Data: TJSONValue);
var
  Value: string;
begin
  if GetText(Data, Value) then
    Show(Place, Value)
  else if (Data is TJSONObject) or (Data is TJSONArray) then
    Show(Place, Data.ToJSON);
end;

var
  Line: string;
  Text: string;
  Answer: TJSONValue;
  Id: Int64;
  Field2ndName: string;
  ClassValue: Boolean;
  Mean: Double;
  Tags: TJSONValue;
  TagIndex: Integer;
  Tag: TJSONValue;
  Grid: TJSONValue;
  GridItemIndex: Integer;
  GridItem: TJSONValue;
  Inner: TJSONValue;
  InnerItemIndex: Integer;
  InnerItem: TJSONValue;
  Owner: TJSONValue;
  OwnerId: string;
  Rows: TJSONValue;
  RowIndex: Integer;
  Row: TJSONValue;
  RowId: Int64;
  Note: string;
  UserName: string;
  UserNameValue: string;
begin
  SetTextCodePage(Output, CP_UTF8);
  SetTextCodePage(Input, CP_UTF8);
  Text := '';
  while not Eof do
  begin
    ReadLn(Line);
    Text := Text + Line + #10;
  end;
  Answer := TJSONObject.ParseJSONValue(Text);
  if Answer = nil then
    Fail('standard input is not JSON');
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
  begin
    for TagIndex := 0 to TJSONArray(Tags).Count - 1 do
    begin
      Tag := TJSONArray(Tags).Items[TagIndex];
      ShowValue('tags[' + IntToStr(TagIndex) + ']', Tag);
    end;
  end;
  Grid := Member(Answer, 'grid');
  if Grid is TJSONArray then
  begin
    for GridItemIndex := 0 to TJSONArray(Grid).Count - 1 do
    begin
      GridItem := TJSONArray(Grid).Items[GridItemIndex];
      Inner := GridItem;
      if Inner is TJSONArray then
      begin
        for InnerItemIndex := 0 to TJSONArray(Inner).Count - 1 do
        begin
          InnerItem := TJSONArray(Inner).Items[InnerItemIndex];
          ShowValue('grid[' + IntToStr(GridItemIndex) + '][' + IntToStr(InnerItemIndex) + ']', InnerItem);
        end;
      end;
    end;
  end;
  Owner := Member(Answer, 'owner');
  if Owner is TJSONObject then
  begin
    if GetText(Member(Owner, 'id'), OwnerId) then
      Show('owner.id', OwnerId);
    ShowValue('owner.class', Member(Owner, 'class'));
  end;
  Rows := Member(Answer, 'rows');
  if Rows is TJSONArray then
  begin
    for RowIndex := 0 to TJSONArray(Rows).Count - 1 do
    begin
      Row := TJSONArray(Rows).Items[RowIndex];
      if GetInteger(Member(Row, 'id'), RowId) then
        Show('rows[' + IntToStr(RowIndex) + '].id', RowId);
      if GetText(Member(Row, 'note'), Note) then
        Show('rows[' + IntToStr(RowIndex) + '].note', Note);
    end;
  end;
  if GetText(Member(Answer, 'userName'), UserName) then
    Show('userName', UserName);
  if GetText(Member(Answer, 'user_name'), UserNameValue) then
    Show('user_name', UserNameValue);
  Answer.Free;
end.
